package search_test

import (
	"os"
	"runtime/metrics"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/rulefiles"
	"escutcheon/search"
)

// TestPublicSearches: the searches of a checkout of Splunk's security_content (in
// ESCUTCHEON_ESCU), and their drilldowns, run over all logs at hand without a panic, in
// the memory that they may take.
func TestPublicSearches(t *testing.T) {
	dir := os.Getenv("ESCUTCHEON_ESCU")
	if dir == "" {
		t.Skip("ESCUTCHEON_ESCU names no checkout of security_content")
	}
	read, err := rulefiles.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	content, err := detection.Assemble(read.Files, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := demoHouse(t)
	for _, f := range samples(t) {
		h.bring(h.im, f)
	}
	h.Env = func() spl.Env { return content.Env() }
	h.Bounds = search.Bounds{Time: time.Minute, Bytes: 64 << 20}
	ran, cut, refused, found := 0, 0, 0, 0
	most := uint64(0)
	for _, r := range content.Rules {
		for _, text := range append([]string{r.Search}, drilldowns(r)...) {
			s, err := h.Prepare(text, noon)
			if err != nil {
				refused++
				continue
			}
			a, err := s.Run(ctx, search.Range{}, nil, nil)
			if err != nil {
				t.Errorf("%s: %v", r.Name, err)
				continue
			}
			if ran++; !a.Complete {
				cut++
			}
			if len(a.Rows) > 0 {
				found++
			}
			most = max(most, heap())
		}
	}
	t.Logf("%d searches ran, %d found something, %d were cut, %d cannot be read; the heap had %d MiB at most", ran, found,
		cut, refused, most>>20)
	if ran < 200 || most > 1<<30 {
		t.Error("too few, or too much")
	}
}

func drilldowns(r *detection.Rule) (out []string) {
	for _, d := range r.Drilldowns {
		out = append(out, r.FillDrilldown(d, spl.Row{{Name: "dest", Value: "web01"}, {Name: "user", Value: "anna"}}).Search)
	}
	return out
}

func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
