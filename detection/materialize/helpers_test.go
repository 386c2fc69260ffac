package materialize_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
)

// hour is a full hour; the windows around it start ten minutes before and fifty
// minutes after.
const hour = int64(1_764_000_000)

// rule is one of the suite's searches.
func rule(t testing.TB, id string) *detection.Rule { return mt.Rule(t, id, mt.Searches[id], "") }

func world(t testing.TB, rules ...*detection.Rule) *mt.World {
	return mt.New(t, mt.NewMemory(), rules...)
}

func key(r *detection.Rule, by ...string) string { return detection.FindingID(r.ID, by) }

// finding is what is stored under BY values, or nil.
func finding(w *mt.World, r *detection.Rule, by ...string) (f *materialize.Finding) {
	w.T.Helper()
	read(w, func(tx materialize.Tx) (err error) {
		f, err = tx.Finding(r, key(r, by...))
		return err
	})
	return f
}

func read(w *mt.World, f func(materialize.Tx) error) {
	w.T.Helper()
	if err := w.Store.Write(f); err != nil {
		w.T.Fatal(err)
	}
}

// sum is a part without its state.
func sum(p *materialize.Part) string {
	if p == nil {
		return "none"
	}
	return fmt.Sprintf("%d from %d to %d", p.Count, p.First-hour, p.Last-hour)
}

// windows are a group's windows, with their members.
func windows(w *mt.World, r *detection.Rule, by ...string) (out []string) {
	w.T.Helper()
	read(w, func(tx materialize.Tx) error {
		all, err := tx.Windows(r, key(r, by...))
		for _, one := range all {
			members, err := tx.Members(r, key(r, by...), one.Start)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprint(one.Start-hour, ": ", sum(one.Part), " of ", members))
		}
		return err
	})
	return out
}

// names say who tells risk, by key.
type names map[string]string

// risk is all risk of a rule, one line each, its findings by name.
func risk(w *mt.World, r *detection.Rule, who names) (out []string) {
	w.T.Helper()
	var told []materialize.Place
	read(w, func(tx materialize.Tx) (err error) {
		told, err = tx.Told(r, "")
		return err
	})
	for _, line := range mt.RiskLines(w, r, told) {
		for k, name := range who {
			line = strings.ReplaceAll(line, k, name)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%+q", got), fmt.Sprintf("%+q", want); g != w {
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// asFresh wants a world to be as if its events had come at once.
func asFresh(t testing.TB, w *mt.World) {
	t.Helper()
	if got, want := w.Dump(), w.Fresh().Dump(); got != want {
		t.Errorf("not as from scratch: got\n%s\nwant\n%s", got, want)
	}
}

// contextDone is a context whose time is over.
func contextDone() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx, cancel
}
