package spl

import (
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Return makes one row of the first N: its field search is what a subsearch
// gives, by the fields named.
type Return struct {
	Origin
	N      int
	Fields []ReturnField
}

// ReturnField is a field, or its value alone, or another name for it.
type ReturnField struct {
	As, Field string
	Bare      bool // $field: the value without the name
}

var _ = register("return", parseReturn)

func parseReturn(p *parser, o Origin) (*Return, *Error) {
	x := &Return{Origin: o, N: 1}
	if err := p.leadingCount(&x.N); err != nil {
		return nil, err
	}
	for p.more() {
		var f ReturnField
		if f.Bare = p.eat('$'); f.Bare && p.done() {
			return nil, p.expected("a field name")
		}
		n, err := p.name(",()=[]")
		if err != nil {
			return nil, err
		}
		f.As, f.Field = n, n
		if !f.Bare && p.eat('=') {
			if f.Field, err = p.name(",()=[]"); err != nil {
				return nil, err
			}
		}
		x.Fields = append(x.Fields, f)
	}
	if x.Fields == nil {
		return nil, p.expected("a field name")
	}
	return x, nil
}

func (x *Return) String() string {
	out := make([]string, len(x.Fields))
	for i, f := range x.Fields {
		switch {
		case f.Bare:
			out[i] = "$" + nameText(f.Field)
		case f.As != f.Field:
			out[i] = nameText(f.As) + "=" + nameText(f.Field)
		default:
			out[i] = nameText(f.Field)
		}
	}
	l := newLine(x.Origin)
	if x.N != 1 {
		l.add(strconv.Itoa(x.N))
	}
	return l.add(strings.Join(out, ", ")).String()
}

// Reads are the fields.
func (x *Return) Reads() (out []string) {
	for _, f := range x.Fields {
		out = append(out, f.Field)
	}
	return out
}

// Sets is the text.
func (x *Return) Sets() []string { return []string{"search"} }

// Place is all rows of a search that is run whole.
func (x *Return) Place() Place { return Whole }

func (x *Return) compile(*compiler, shape) (step, shape, *Error) {
	return step{most: max(x.N, 1), wide: func(e *exec, rows []*rec) []*rec {
		var all []string
		for _, r := range rows[:min(x.N, len(rows))] {
			if s := x.text(r); s != "" {
				all = append(all, s)
			}
		}
		if all == nil {
			return nil
		}
		return []*rec{e.made([]cell{{"search", value.Text(strings.Join(all, " OR "))}})}
	}}, shape{names: []string{"search"}}, nil
}

// text is (a="x") (b="y"), or the bare values.
func (x *Return) text(r *rec) string {
	var parts []string
	for _, f := range x.Fields {
		v := r.value(f.Field)
		switch {
		case v.IsNull():
		case f.Bare:
			parts = append(parts, v.Text())
		default:
			parts = append(parts, nameText(f.As)+"="+escaped(v.Text()))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	if bare := x.Fields[0].Bare; bare && len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " ") + ")"
}
