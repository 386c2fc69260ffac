package spl

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl/value"
)

// A command that does not exist in Splunk, in this one file and nowhere else:
// it doubles the text of a field, N times over, and so shows what a new
// command takes.

// toyEcho writes a field's text several times.
type toyEcho struct {
	Origin
	Field string
	Times int
}

var _ = register("toyecho", parseToyEcho)

func parseToyEcho(p *parser, o Origin) (*toyEcho, *Error) {
	x := &toyEcho{Origin: o, Times: 2}
	var err *Error
	if x.Field, err = p.field(); err != nil {
		return nil, err
	}
	opt, err := p.option("times")
	if err == nil && opt.name != "" {
		x.Times, err = p.count(opt)
	}
	return x, err
}

func (x *toyEcho) String() string {
	return newLine(x.Origin).add(nameText(x.Field)).number("times", x.Times, 2).String()
}

func (x *toyEcho) Reads() []string { return []string{x.Field} }
func (x *toyEcho) Sets() []string  { return []string{x.Field} }
func (x *toyEcho) Place() Place    { return EachRow }

func (x *toyEcho) compile(_ *compiler, in shape) (step, shape, *Error) {
	return change(func(r *rec) {
		if v := r.value(x.Field); !v.IsNull() {
			r.set(x.Field, value.Text(strings.Repeat(v.Text(), x.Times)))
		}
	}), in, nil
}

// toyOdd needs all rows: it keeps every other one.
type toyOdd struct{ Origin }

var _ = register("toyodd", func(_ *parser, o Origin) (*toyOdd, *Error) { return &toyOdd{o}, nil })

func (x *toyOdd) String() string  { return "toyodd" }
func (x *toyOdd) Reads() []string { return nil }
func (x *toyOdd) Sets() []string  { return nil }
func (x *toyOdd) Place() Place    { return AllRows }

func (x *toyOdd) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: func(rows []*rec) (out []*rec) {
		for i := 0; i < len(rows); i += 2 {
			out = append(out, rows[i])
		}
		return out
	}, chooses: true}, in, nil
}

func TestToyCommand(t *testing.T) {
	events := []Event{Map{"a": "x", "b": "1", "_time": "1"}, Map{"a": "y", "_time": "2"},
		Map{"a": "z", "b": "3", "_time": "3"}}
	for _, tt := range []struct{ search, printed, rows, names string }{
		{`* | toyecho a | stats count by a`, `search * | toyecho a | stats count by a`,
			"[{a xx} {count 1}] [{a yy} {count 1}] [{a zz} {count 1}]", ""},
		{`* | stats count by a | toyecho count times=3`, `search * | stats count by a | toyecho count times=3`,
			"[{a x} {count 111}] [{a y} {count 111}] [{a z} {count 111}]", ""},
		{`* | toyecho b TIMES=0 | table b`, `search * | toyecho b times=0 | table b`, "[] [{b }]", ""},
		{`* | toyecho "a b" | where isnull(b)`, `search * | toyecho "a b" | where isnull(b)`,
			"[{_time 2}]", "_time a b b _raw"},
		{`* | table a | toyodd`, `search * | table a | toyodd`, "[{a x}] [{a z}]", ""},
		{`* | stats count by a | toyodd | toyecho a`, `search * | stats count by a | toyodd | toyecho a`,
			"[{a xx} {count 1}] [{a zz} {count 1}]", ""},
	} {
		env := Env{}
		pipe, err := env.Parse(tt.search)
		if err != nil {
			t.Fatal(err)
		}
		if got := pipe.String(); got != tt.printed {
			t.Errorf("%s\n is written as %s", tt.search, got)
		}
		p, err := env.Compile(tt.search)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, r := range p.Run(slices.Values(events)).Rows {
			var cells []string
			for _, f := range r.Row {
				cells = append(cells, f.String())
			}
			rows = append(rows, "["+strings.Join(cells, " ")+"]")
		}
		if got := strings.Join(rows, " "); got != tt.rows {
			t.Errorf("%s\n got %s\nwant %s", tt.search, got, tt.rows)
		}
		if got := strings.Join(p.Columns(), " "); tt.names != "" && got != tt.names {
			t.Errorf("%s: columns %s, want %s", tt.search, got, tt.names)
		}
	}
}

// What a toy command gets wrong has its position, as any other's.
func TestToyCommandRefused(t *testing.T) {
	for search, want := range map[string]string{
		`* | toyecho`: `end of the search at line 1, column 12 (offset 11) stands where the toyecho command ` +
			`needs a field name`,
		`* | toyecho a times=-`: `value "-" at line 1, column 15 (offset 14) is no whole number`,
		`* | toyodd a`:          `"a" at line 1, column 12 (offset 11) is not expected in the toyodd command`,
	} {
		if _, err := Compile(search, nil); err == nil || err.Error() != want {
			t.Errorf("%s: %v", search, err)
		}
	}
}

// Two commands of one name are a mistake of who wrote the second.
func TestRegisterTwice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a second command of a name was taken")
		}
	}()
	register("toyodd", func(_ *parser, o Origin) (*toyOdd, *Error) { return &toyOdd{o}, nil })
}

// Each command stands in a file of its own, with its test beside it.
func TestOneFileACommand(t *testing.T) {
	shared := map[string]string{"bucket": "bin"} // two names of one command
	for _, name := range slices.Sorted(maps.Keys(parsers)) {
		if strings.HasPrefix(name, "toy") {
			continue
		}
		file := name
		if s := shared[name]; s != "" {
			file = s
		}
		source, err := os.ReadFile("cmd_" + file + ".go")
		if err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(source), `register("`+name+`", `) {
			t.Errorf("%s is not registered in cmd_%s.go", name, file)
		}
		if _, err := os.Stat("cmd_" + file + "_test.go"); err != nil {
			t.Error(err)
		}
	}
	if len(parsers) < 30 {
		t.Errorf("only %d commands", len(parsers))
	}
}
