// Sends one span with OpenTelemetry's SDK for Go, which is told where to by its environment alone, and prints
// its trace ID.
package main

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	if err := send(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func send(ctx context.Context, name string) error {
	exporters := map[string]func() (*otlptrace.Exporter, error){
		"otlptracegrpc": func() (*otlptrace.Exporter, error) { return otlptracegrpc.New(ctx) },
		"otlptracehttp": func() (*otlptrace.Exporter, error) { return otlptracehttp.New(ctx) },
	}
	exporter, err := exporters[name]()
	if err != nil {
		return err
	}
	provider := trace.NewTracerProvider(trace.WithSyncer(exporter), trace.WithResource(resource.Default()))
	_, span := provider.Tracer("sdk-go").Start(ctx, "GET /go")
	span.End()
	fmt.Println(span.SpanContext().TraceID())
	return provider.Shutdown(ctx)
}
