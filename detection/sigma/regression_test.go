package sigma_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/sigma"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// recordings calls f with the events of each EVTX file of a checkout's regression data,
// and the id of the rule that it was recorded for, which is its name.
func recordings(t testing.TB, f func(id string, events []*event.Event)) {
	t.Helper()
	root := filepath.Join(checkout(t), "regression_data")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".evtx") {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil {
			f(strings.TrimSuffix(filepath.Base(path), ".evtx"), decode(t, data))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func decode(t testing.TB, data []byte) (out []*event.Event) {
	t.Helper()
	rd, _, err := sniff.Open(bytes.NewReader(data), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		e := new(event.Event)
		e.Reset()
		switch err := rd.Next(e); {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			t.Fatal(err)
		}
		e.Raw = strings.Clone(e.Raw)
		e.Fields = slices.Clone(e.Fields)
		out = append(out, e)
	}
}

// plansOf are the plans of a checkout's rules, and their ids.
func plansOf(t testing.TB) (plans []*spl.Plan, ids []string) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	ruleFiles(t, func(_ string, data []byte) {
		docs, err := sigma.Parse(data)
		if err != nil {
			return
		}
		for i := range docs {
			search, err := docs[i].Search(sigma.Env{})
			if err != nil {
				continue
			}
			p, err := env.Compile(search)
			if err != nil {
				t.Fatal(err)
			}
			plans, ids = append(plans, p), append(ids, docs[i].ID)
		}
	})
	return plans, ids
}

// TestRegressionData: each recording raises the rule that it was recorded for, with all
// rules at once.
func TestRegressionData(t *testing.T) {
	plans, ids := plansOf(t)
	ix := index.NewIndex(plans)
	files, events, candidates := 0, 0, 0
	recordings(t, func(id string, all []*event.Event) {
		files++
		found := false
		for _, e := range all {
			events++
			for _, n := range ix.Candidates(e, nil) {
				candidates++
				found = found || ids[n] == id && inARow(plans[n], e)
			}
		}
		if !found {
			t.Errorf("%s is not raised; its events are %s", id, describe(all))
		}
	})
	t.Logf("%d files, %d events, %.1f candidates an event of %d rules", files, events,
		float64(candidates)/float64(events), len(plans))
}

// inARow says whether an event is in a row of a search: it lacks no field for that.
func inARow(p *spl.Plan, e *event.Event) bool {
	return slices.ContainsFunc(p.Feed(e, nil), func(part spl.Part) bool { return part.Missing == nil })
}

func describe(all []*event.Event) string {
	var b strings.Builder
	for _, e := range all[:min(len(all), 3)] {
		b.WriteString("\n" + e.Channel)
		for _, f := range e.Fields {
			b.WriteString(" " + f.Name + "=" + f.Value)
		}
	}
	return b.String()
}
