package spl

import (
	"strings"
	"testing"
	"time"
)

// toyPanic panics at rows whose field is "bad".
type toyPanic struct {
	Origin
	Field string
}

var _ = register("toypanic", func(p *parser, o Origin) (*toyPanic, *Error) {
	field, err := p.field()
	return &toyPanic{o, field}, err
})

func (x *toyPanic) String() string  { return newLine(x.Origin).add(nameText(x.Field)).String() }
func (x *toyPanic) Reads() []string { return []string{x.Field} }
func (x *toyPanic) Sets() []string  { return nil }
func (x *toyPanic) Place() Place    { return EachRow }

func (x *toyPanic) compile(_ *compiler, in shape) (step, shape, *Error) {
	return change(func(r *rec) {
		if r.value(x.Field).Text() == "bad" {
			panic("the command is broken")
		}
	}), in, nil
}

type named map[string]string

func (e named) Get(name string) (string, bool) { v, ok := e[name]; return v, ok }
func (e named) Time() time.Time                { return time.Unix(1, 0) }

// TestPanicIsNoDecision: an event, a row or a filter at which a plan panics is not
// decided, all else is; the plan says what was the first.
func TestPanicIsNoDecision(t *testing.T) {
	events := []named{{"k": "good"}, {"k": "bad", "RecordNumber": "7", "ComputerName": "web\u202e"},
		{"k": "good"}, {"k": "fine"}}
	macros := Macros{"x_filter": {Definition: "toypanic k", Aside: true}}
	for search, c := range map[string]struct {
		undecided int
		rows      string // key, verdict and doubt of each
		at        string
	}{
		"k=* | toypanic k | stats count by k": {1, "fine kept decided; good kept decided",
			`the event 7 of "" on "web\u202e"`},
		"k=* | stats count by k | toypanic k": {0,
			"bad dropped not decided by the search; fine kept decided; good kept decided",
			`the row of ["bad"]`},
		"k=* | stats count by k | `x_filter`": {0,
			"bad kept not decided by what sets aside; fine kept decided; good kept decided", `the row of ["bad"]`},
		"k=* | stats count by k | eventstats count as n | toypanic k": {0, "bad dropped not decided by the search; " +
			"fine dropped not decided by the search; good dropped not decided by the search", "all rows together"},
	} {
		p, err := Env{Macros: macros}.Compile(search)
		if err != nil {
			t.Fatal(err)
		}
		if p.Panic() != nil {
			t.Errorf("%s has failed before it began", search)
		}
		out := p.Run(func(yield func(Event) bool) {
			for _, e := range events {
				if !yield(e) {
					return
				}
			}
		})
		var rows []string
		for _, r := range out.Rows {
			rows = append(rows, r.Key[0]+" "+r.Verdict.String()+" "+r.Doubt.String())
		}
		if got := strings.Join(rows, "; "); out.Undecided != c.undecided || got != c.rows {
			t.Errorf("%s: %d events are not decided, rows %s; want %d, %s", search, out.Undecided, got, c.undecided, c.rows)
		}
		if f := p.Panic(); f == nil || f.At != c.at || f.Value != "the command is broken" ||
			!strings.Contains(f.Stack, "toyPanic") {
			t.Errorf("%s failed at %+v, want %s", search, f, c.at)
		}
	}
}
