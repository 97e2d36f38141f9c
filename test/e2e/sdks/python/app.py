"""Sends one span with what opentelemetry-instrument has set up, and prints its trace ID."""

from opentelemetry import trace

with trace.get_tracer("sdk-python").start_as_current_span("GET /python") as span:
    print(trace.format_trace_id(span.get_span_context().trace_id))
