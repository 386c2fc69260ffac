package spl

import (
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Format makes one row of all: its field search is the condition that the rows
// stand for, as a subsearch gives it.
type Format struct {
	Origin
	Marks [6]string // before all rows, before a row, between its fields, after it, between rows, after all
	Max   int       // rows; 0 for all
	MV    string    // between the values of a field that has several
	Empty string    // what no rows come to
}

var _ = register("format", parseFormat)

var everyFormat = &Format{Marks: [6]string{"(", "(", "AND", ")", "OR", ")"}, MV: "OR", Empty: "NOT ()"}

func parseFormat(p *parser, o Origin) (*Format, *Error) {
	x := &Format{Origin: o, Marks: everyFormat.Marks, MV: everyFormat.MV, Empty: everyFormat.Empty}
	for {
		opt, err := p.option("mvsep", "maxresults", "emptystr")
		if err != nil {
			return nil, err
		}
		switch opt.name {
		case "mvsep":
			x.MV = opt.value
			continue
		case "emptystr":
			x.Empty = opt.value
			continue
		case "maxresults":
			if x.Max, err = p.count(opt); err != nil {
				return nil, err
			}
			continue
		}
		break
	}
	for i := 0; i < len(x.Marks) && !p.end(); i++ {
		if p.s[p.i] != '"' {
			return nil, p.expected("six texts in quotes")
		}
		s, err := p.quoted()
		if err != nil {
			return nil, err
		}
		x.Marks[i] = s
		if i < len(x.Marks)-1 && p.end() {
			return nil, p.expected("six texts in quotes")
		}
	}
	return x, nil
}

func (x *Format) String() string {
	l := newLine(x.Origin).option("mvsep", x.MV, everyFormat.MV).number("maxresults", x.Max, 0).
		option("emptystr", x.Empty, everyFormat.Empty)
	if x.Marks != everyFormat.Marks {
		for _, m := range x.Marks {
			l.add(quoteText(m))
		}
	}
	return l.String()
}

// Reads is nothing: it takes the fields that there are.
func (x *Format) Reads() []string { return nil }

// Sets is the condition.
func (x *Format) Sets() []string { return []string{"search"} }

// Place is all rows of a search that is run whole.
func (x *Format) Place() Place { return Whole }

func (x *Format) compile(*compiler, shape) (step, shape, *Error) {
	return step{wide: func(e *exec, rows []*rec) []*rec {
		text := x.text(rows)
		if text == "" {
			text = x.Empty
		}
		return []*rec{e.made([]cell{{"search", value.Text(text)}})}
	}}, shape{names: []string{"search"}}, nil
}

// text writes rows; none come to nothing.
func (x *Format) text(rows []*rec) string {
	if x.Max > 0 {
		rows = rows[:min(x.Max, len(rows))]
	}
	var all []string
	for _, r := range rows {
		var parts []string
		for _, c := range rowFields(r) {
			parts = append(parts, x.field(c))
		}
		if parts != nil {
			all = append(all, x.Marks[1]+" "+strings.Join(parts, " "+x.Marks[2]+" ")+" "+x.Marks[3])
		}
	}
	if all == nil {
		return ""
	}
	return x.Marks[0] + " " + strings.Join(all, " "+x.Marks[4]+" ") + " " + x.Marks[5]
}

// field writes a="x", of several values ( a="x" OR a="y" ).
func (x *Format) field(c cell) string {
	l := c.v.List()
	parts := make([]string, len(l))
	for i, v := range l {
		parts[i] = nameText(c.name) + "=" + escaped(v)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "( " + strings.Join(parts, " "+x.MV+" ") + " )"
}

// escaped puts a value in quotes so that it reads as itself.
func escaped(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func itoa(n int) string { return strconv.Itoa(n) }
