package search_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/search"
	"escutcheon/store"
)

// brokenModel panics at every event.
type brokenModel struct{}

func (brokenModel) Name() string                             { return "Broken.Set" }
func (brokenModel) Prefix() string                           { return "Set." }
func (brokenModel) Has(spl.Event) bool                       { panic("the model is broken") }
func (brokenModel) Get(e spl.Event, f string) (string, bool) { return e.Get(f) }

// brokenDecoder panics at every record.
type brokenDecoder struct{ importer.Decoder }

func (brokenDecoder) Merge([]intake.Sighting) (event.Event, error) { panic("the decoder is broken") }
func (brokenDecoder) Redecode(*event.Event, intake.Sighting) error { panic("the decoder is broken") }

// TestPanicOfASearch: a search that panics, in its commands or as events are read for
// it, fails with a sentence; the log says where, and other searches run.
func TestPanicOfASearch(t *testing.T) {
	h := demoHouse(t)
	env := h.Env
	var said []string
	h.Panicked = func(text string, p *fault.Panic) { said = append(said, text+" "+p.Error()+" "+p.Stack) }
	jobs := search.NewJobs(h.Engine)
	t.Cleanup(jobs.Close)
	fails := func(text, why string) {
		t.Helper()
		said = nil
		s, err := h.Prepare(text, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context(), search.Range{}, &search.Progress{}, nil); err == nil ||
			!strings.Contains(err.Error(), "a fault of Escutcheon's own") {
			t.Errorf("%s, run: %v", text, err)
		}
		job := start(t, jobs, text)
		job.Wait(ctx, time.Minute)
		v, err := job.View(window)
		if !v.Ended || v.Complete || err == nil || strings.Contains(err.Error(), "broken") {
			t.Errorf("%s, as a job: %+v, %v", text, v, err)
		}
		if r := job.Record(); r.State != store.JobFailed || !strings.Contains(r.Message, "a fault of Escutcheon's own") {
			t.Errorf("%s is recorded as %s, %q", text, r.State, r.Message)
		}
		if len(said) != 2 || !strings.Contains(said[0], why) || !strings.Contains(said[1], why) ||
			!strings.Contains(said[0], "panic_test.go") {
			t.Errorf("%s: the log says %q", text, said)
		}
	}
	h.Env = func() spl.Env {
		e := detection.Env(detection.BuiltInMacros(), nil)
		e.Models = func(string) (spl.Model, bool) { return brokenModel{}, true }
		return e
	}
	fails("| tstats count from datamodel=Broken.Set by Set.ComputerName", "the model is broken")
	h.Env, h.Decoder = env, brokenDecoder{}
	fails("EventCode=29 Message=*a*", "the decoder is broken")
	fails("EventCode=29 | eval x=Message | stats count by x", "the decoder is broken")
	h.Decoder = importer.Decoder{}
	job := start(t, jobs, "EventCode=29 | stats count")
	job.Wait(ctx, time.Minute)
	if v, err := job.View(window); err != nil || !v.Complete || len(v.Rows) != 1 {
		t.Errorf("a search behind them: %+v, %v", v, err)
	}
}
