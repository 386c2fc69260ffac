package sigma_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/sigma"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// conformance is a case of testdata: a detection, what it finds and what it does not,
// or why it is refused. Spec is the section of the specification that says so.
type conformance struct {
	Name      string
	Spec      string
	Source    map[string]string   // logsource; the service application where there is none
	Detection yaml.Node           // of a rule
	Rules     string              // instead of it: whole documents, of which the first is run
	Values    map[string][]string // of placeholders
	Match     []map[string]string // events, each of which makes a finding
	Miss      []map[string]string
	Events    []map[string]string // of a correlation
	Found     *int                // how many findings these come to
	Refused   string              // what the error says
	SPL       string              // a piece of the search
}

func conformanceCases(t testing.TB) (out []conformance) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
			var c conformance
			err := d.Decode(&c)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			out = append(out, c)
		}
	}
	return out
}

// rules is the case as a file of rules.
func (c *conformance) rules(t testing.TB) []byte {
	t.Helper()
	if c.Rules != "" {
		return []byte(c.Rules)
	}
	source := c.Source
	if source == nil {
		source = map[string]string{"product": "windows", "service": "application"}
	}
	data, err := yaml.Marshal(map[string]any{"title": "T", "logsource": source, "detection": &c.Detection})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (c *conformance) search(t testing.TB) (string, error) {
	t.Helper()
	docs, err := sigma.Parse(c.rules(t))
	if err != nil {
		return "", err
	}
	return docs[0].Search(sigma.Env{Values: c.Values, Find: func(ref string) (*sigma.Document, bool) {
		for i := range docs {
			if docs[i].ID == ref || docs[i].Name == ref {
				return &docs[i], true
			}
		}
		return nil, false
	}})
}

// TestConformance holds the table of testdata to the engine that runs the rules.
func TestConformance(t *testing.T) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	names := map[string]bool{}
	for _, c := range conformanceCases(t) {
		if names[c.Name] || c.Spec == "" {
			t.Errorf("%q is there twice, or says no section", c.Name)
		}
		names[c.Name] = true
		t.Run(c.Name, func(t *testing.T) { c.run(t, env) })
	}
}

func (c *conformance) run(t *testing.T, env spl.Env) {
	search, err := c.search(t)
	if c.Refused != "" {
		if err == nil || !strings.Contains(err.Error(), c.Refused) {
			t.Errorf("refused with %v, want %s\n%s", err, c.Refused, search)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(search, c.SPL) {
		t.Errorf("%s\nhas no %s", search, c.SPL)
	}
	p, err := env.Compile(search)
	if err != nil {
		t.Fatalf("%v\n%s", err, search)
	}
	if len(c.Match)+len(c.Miss)+len(c.Events) == 0 {
		t.Error("a case without events")
	}
	ix := index.NewIndex([]*spl.Plan{p})
	for _, fields := range c.Match {
		e := eventOf(fields)
		if out := findings(p, e); out != 1 {
			t.Errorf("%v: %d findings, want 1\n%s", fields, out, search)
		}
		if len(ix.Candidates(e, nil)) != 1 {
			t.Errorf("%v: the index leaves the rule out\n%s", fields, search)
		}
	}
	for _, fields := range c.Miss {
		if out := findings(p, eventOf(fields)); out != 0 {
			t.Errorf("%v: %d findings, want none\n%s", fields, out, search)
		}
	}
	if c.Found != nil {
		var all []*event.Event
		for _, fields := range c.Events {
			all = append(all, eventOf(fields))
		}
		if out := findings(p, all...); out != *c.Found {
			t.Errorf("%d findings, want %d\n%s", out, *c.Found, search)
		}
	}
}

// findings is how many rows a search finds in events.
func findings(p *spl.Plan, events ...*event.Event) int {
	return len(p.Run(func(yield func(spl.Event) bool) {
		for _, e := range events {
			if !yield(e) {
				return
			}
		}
	}).Rows)
}

// eventOf is an event of a host; of the channel Application, where nothing else is
// said. Time is in seconds.
func eventOf(fields map[string]string) *event.Event {
	e := &event.Event{Channel: "Application", EventCode: 1, Computer: "ws1", HasTime: true}
	for name, v := range fields {
		n, _ := strconv.ParseInt(v, 10, 64)
		switch name {
		case "Channel":
			e.Channel = v
		case "EventCode":
			e.EventCode = n
		case "Provider":
			e.Provider = v
		case "Computer":
			e.Computer = v
		case "Raw":
			e.Raw = v
		case "Time":
			e.Nanos = n * 1e9
		case "Data2": // a second value without a name
		default:
			e.Add(name, v)
		}
	}
	e.Add("Data", fields["Data2"])
	if !e.IsRequest() {
		e.Add("EventCode", strconv.FormatInt(e.EventCode, 10))
	}
	return e
}
