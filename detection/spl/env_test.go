package spl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl"
)

// fleet is a data model of ships: an event is in it that has a hull.
type fleet struct{}

func (fleet) Name() string   { return "Fleet.Ships" }
func (fleet) Prefix() string { return "Ships." }

func (fleet) Has(e spl.Event) bool {
	_, ok := e.Get("hull")
	return ok
}

func (fleet) Get(e spl.Event, field string) (string, bool) {
	switch field {
	case "ship":
		return e.Get("hull")
	case "flag":
		return "none", true
	}
	return "", false
}

// sea is an environment that has nothing to do with Windows.
var sea = spl.Env{
	Macros: spl.Macros{"told": {Definition: "a=1"}},
	Missing: func(name string, args int) (spl.Macro, bool) {
		return spl.Macro{Definition: "port=" + name}, strings.HasPrefix(name, "harbour") && args == 0
	},
	Models: func(name string) (spl.Model, bool) {
		switch name {
		case "Fleet.Ships":
			return fleet{}, true
		case "Fleet":
			return nil, true
		}
		return nil, false
	},
	Rewrite: func(c spl.Compare) spl.Expr {
		if c.Op != "=" || c.Field != "port" || !strings.HasSuffix(c.Value, "!") {
			return nil
		}
		return spl.Or{&c, &spl.Compare{Field: "port", Op: "=", Value: "either!"}}
	},
	Now: func(t time.Time) time.Time { return t.Add(time.Hour) },
}

func inSea(t *testing.T, search string) *spl.Plan {
	t.Helper()
	p, err := sea.Compile(search)
	if err != nil {
		t.Fatalf("%s: %v", search, err)
	}
	return p
}

// What a comparison is rewritten to counts for =, != and IN, and is not
// rewritten once more; != asks for the field.
func TestRewrite(t *testing.T) {
	for _, tt := range []struct {
		search, port string
		want         bool
	}{
		{`port=a!`, "a!", true}, {`port=a!`, "either!", true}, {`port=a!`, "b!", false}, {`port=a!`, "", false},
		{`port="A!"`, "a!", true},
		{`port!=a!`, "a!", false}, {`port!=a!`, "either!", false}, {`port!=a!`, "b!", true}, {`port!=a!`, "", false},
		{`NOT port=a!`, "either!", false}, {`NOT port=a!`, "b!", true}, {`NOT port=a!`, "", true},
		{`NOT port!=a!`, "either!", true},
		{`port IN (x, a!)`, "either!", true}, {`port IN (x, a!)`, "x", true}, {`port IN (x, a!)`, "a!", true},
		{`port IN (x, a!)`, "y", false},
		{`port IN (x, y)`, "either!", false}, {`port NOT IN (x, a!)`, "either!", false},
		{`port NOT IN (x, a!)`, "y", true},
		{`port=a`, "a", true}, {`port=a`, "either!", false}, {`port>=a!`, "either!", true},
		{`port<a!`, "either!", false}, {`other=a!`, "either!", false},
		{`* | where searchmatch("port=a!")`, "either!", true}, {`* | where port="a!"`, "either!", false},
		{`* | eval x=1 | search port=a!`, "either!", true},
	} {
		e := spl.Map{"_time": "1"}
		if tt.port != "" {
			e["port"] = tt.port
		}
		if got := inSea(t, tt.search+" | stats count").Matches(e); got != tt.want {
			t.Errorf("%s on %q: %v", tt.search, tt.port, got)
		}
	}
}

// Macros that are not defined are asked for, with how many arguments they are
// called.
func TestMissingMacros(t *testing.T) {
	if got := inSea(t, "`told` `harbour_x` | stats count").Expanded(); got != "a=1 port=harbour_x | stats count" {
		t.Error(got)
	}
	for call, want := range map[string]string{"`harbour(1)`": "is not known", "`other`": "is not known",
		"`told(1)`": "takes 0 arguments, not 1"} {
		if _, err := sea.Compile(call); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// tstats reads the fields of a model under its prefix, and what an event has
// under its own name; what it groups by and is missing is unknown.
func TestModels(t *testing.T) {
	p := inSea(t,
		"| tstats count from datamodel=Fleet.Ships where Ships.ship=a* by Ships.ship Ships.flag Ships.nope crew")
	if p.Model() != (fleet{}) || len(p.First()) != 1 {
		t.Errorf("%v %v", p.Model(), p.First())
	}
	events := []spl.Event{spl.Map{"_time": "1", "hull": "ark", "crew": "2"}, spl.Map{"_time": "2",
		"hull": "argo"}, spl.Map{"_time": "3", "hull": "boat"}, spl.Map{"_time": "4", "Ships.ship": "ark"}}
	var got []string
	for _, r := range p.Run(slices.Values(events)).Rows {
		got = append(got, text(r.Row))
	}
	want := []string{"Ships.ship=argo Ships.flag=none Ships.nope=unknown crew=unknown count=1",
		"Ships.ship=ark Ships.flag=none Ships.nope=unknown crew=2 count=1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for search, want := range map[string]string{
		"| tstats count from datamodel=Fleet where nodename=Ships by Ships.ship": "",
		"| tstats count from datamodel=Fleet by Ships.ship": `data model "Fleet" at line 1, column 3 (offset 2) is not ` +
			`supported without the name of its dataset`,
		"| tstats count from datamodel=Fleet where nodename=Cars by Ships.ship": `data model "Fleet.Cars" at line 1, column 3 (offset 2) ` +
			`is not supported without`,
		"| tstats count from datamodel=Cars by Cars.x": `data model "Cars" at line 1, column 31 (offset 30) ` +
			`is not supported`,
	} {
		_, err := sea.Compile(search)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v", search, err)
		}
		if _, err := spl.Compile(search, nil); err == nil || !strings.Contains(err.Error(), "is not supported") {
			t.Errorf("%s without models: %v", search, err)
		}
	}
	if p := inSea(t, "a=1 b=2 | search c=3 | eval d=1 | search e=1 | stats count"); p.Model() != nil ||
		len(p.First()) != 2 {
		t.Errorf("%v %v", p.Model(), p.First())
	}
}

// now() is what the caller says, else the event's own second.
func TestNow(t *testing.T) {
	const search = "* | eval n=now(), t=time() | stats count by n t"
	e := []spl.Event{spl.Map{"_time": "100.9"}}
	if r := inSea(t, search).Run(slices.Values(e)).Rows; len(r) != 1 || text(r[0].Row) != "n=3700 t=3700 count=1" {
		t.Errorf("%v", r)
	}
	plain, err := spl.Compile(search, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := plain.Run(slices.Values(e)).Rows; len(r) != 1 || text(r[0].Row) != "n=100 t=100 count=1" {
		t.Errorf("%v", r)
	}
}

// Without an aggregation the columns are the caller's and those that the search
// names.
func TestUsualColumns(t *testing.T) {
	env := sea
	env.Columns = []string{"hull", "port"}
	for search, want := range map[string]string{
		"*": "_time hull port _raw", "port=a crew=1": "_time hull port crew _raw", "* | table crew": "crew",
		"* | eval n=1": "_time hull port n _raw",
	} {
		p, err := env.Compile(search)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.By(), " "); got != want || !slices.Equal(p.By(), p.Columns()) {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
	if got := inSea(t, "crew=1").By(); !slices.Equal(got, []string{"_time", "crew", "_raw"}) {
		t.Errorf("%q", got)
	}
}

// Parse reads without planning: what only the planner refuses passes.
func TestParseAlone(t *testing.T) {
	pipe, err := sea.Parse("`told` | stats count | lookup nowhere a | where `harbour`>1")
	if err != nil || len(pipe) != 4 {
		t.Fatal(pipe, err)
	}
	for i, want := range []struct {
		name   string
		offset int
	}{{"search", 0}, {"stats", 9}, {"lookup", 23}, {"where", 42}} {
		if o := pipe[i].From(); o.Name != want.name || o.Pos.Offset != want.offset || o.Aside {
			t.Errorf("%+v", o)
		}
	}
	var e *spl.Error
	if _, err := sea.Parse("a=1 | nope"); !errors.As(err, &e) || e.Command != "nope" {
		t.Error(err)
	}
	m := spl.Macros{"x": {Definition: "| where a=1 | `y`", Aside: true}, "y": {Definition: "where b=1"},
		"z": {Definition: "where c=1"}}
	pipe, err = spl.Env{Macros: m}.Parse("* `x` | `z`")
	if err != nil || len(pipe) != 4 {
		t.Fatal(pipe, err)
	}
	for i, want := range []string{"", "x", "x y", "z"} {
		if o := pipe[i].From(); strings.Join(o.Macros, " ") != want || o.Aside != strings.HasPrefix(want, "x") {
			t.Errorf("%+v", o)
		}
	}
}
