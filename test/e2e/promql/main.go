// Evaluates PromQL with Prometheus's own engine over texts that a target served, and checks rules as
// Prometheus loads them. Reads a request as JSON from stdin and writes the results as JSON to stdout.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

type request struct {
	// Labels that Prometheus adds to every series of the target.
	Labels map[string]string
	// What the target served, in the order of time.
	Scrapes []scrape
	// A file of rules as YAML.
	Rules string
	// Expressions, each evaluated at the time of every scrape.
	Expressions []string
}

type scrape struct {
	AtSeconds int64
	// The text, or nothing where the target did not answer.
	Text *string
}

type result struct {
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
}

type sample struct {
	chunks.Sample
	t int64
	v float64
}

func (s sample) T() int64               { return s.t }
func (s sample) F() float64             { return s.v }
func (sample) ST() int64                { return 0 }
func (sample) Type() chunkenc.ValueType { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample    { return s }

func main() {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	parserOf := parser.NewParser(parser.Options{})
	if _, errs := rulefmt.Parse([]byte(asked.Rules), false, model.UTF8Validation, parserOf, slog.Default()); len(errs) > 0 {
		log.Fatal(errors.Join(errs...))
	}
	series, err := seriesOf(asked)
	if err != nil {
		log.Fatal(err)
	}
	results, err := evaluate(asked, series)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		log.Fatal(err)
	}
}

func seriesOf(asked request) ([]storage.Series, error) {
	samples := map[string][]chunks.Sample{}
	sets := map[string]labels.Labels{}
	add := func(set labels.Labels, at int64, value float64) {
		builder := labels.NewBuilder(set)
		for name, value := range asked.Labels {
			builder.Set(name, value)
		}
		complete := builder.Labels()
		sets[complete.String()] = complete
		samples[complete.String()] = append(samples[complete.String()], sample{t: at * 1000, v: value})
	}
	for _, scrape := range asked.Scrapes {
		up := labels.FromStrings(labels.MetricName, "up")
		if scrape.Text == nil {
			add(up, scrape.AtSeconds, 0)
			continue
		}
		add(up, scrape.AtSeconds, 1)
		parse, err := textparse.New([]byte(*scrape.Text), "text/plain; version=0.0.4", labels.NewSymbolTable(), textparse.ParserOptions{})
		if err != nil {
			return nil, err
		}
		for {
			entry, err := parse.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if entry != textparse.EntrySeries {
				continue
			}
			_, _, value := parse.Series()
			var set labels.Labels
			parse.Labels(&set)
			add(set, scrape.AtSeconds, value)
		}
	}
	series := make([]storage.Series, 0, len(sets))
	for key, set := range sets {
		series = append(series, storage.NewListSeries(set, samples[key]))
	}
	return series, nil
}

func evaluate(asked request, series []storage.Series) ([][][]result, error) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: time.Minute})
	queryable := storage.QueryableFunc(func(int64, int64) (storage.Querier, error) {
		return &storage.MockQuerier{SelectMockFunction: selectFrom(series)}, nil
	})
	results := make([][][]result, 0, len(asked.Expressions))
	for _, expression := range asked.Expressions {
		ofExpression := make([][]result, 0, len(asked.Scrapes))
		for _, scrape := range asked.Scrapes {
			query, err := engine.NewInstantQuery(context.Background(), queryable, nil, expression, time.Unix(scrape.AtSeconds, 0))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", expression, err)
			}
			vector, err := query.Exec(context.Background()).Vector()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", expression, err)
			}
			ofScrape := make([]result, 0, len(vector))
			for _, one := range vector {
				ofScrape = append(ofScrape, result{Labels: one.Metric.Map(), Value: one.F})
			}
			ofExpression = append(ofExpression, ofScrape)
			query.Close()
		}
		results = append(results, ofExpression)
	}
	return results, nil
}

func selectFrom(series []storage.Series) func(bool, *storage.SelectHints, ...*labels.Matcher) storage.SeriesSet {
	return func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		var found []storage.Series
		for _, one := range series {
			matches := true
			for _, matcher := range matchers {
				matches = matches && matcher.Matches(one.Labels().Get(matcher.Name))
			}
			if matches {
				found = append(found, one)
			}
		}
		return &seriesSet{series: found, at: -1}
	}
}

type seriesSet struct {
	series []storage.Series
	at     int
}

func (s *seriesSet) Next() bool                      { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series              { return s.series[s.at] }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }
