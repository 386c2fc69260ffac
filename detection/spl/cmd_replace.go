package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Replace gives fields whose value is one text another.
type Replace struct {
	Origin
	Pairs []ReplacePair
	Names []string // nil for all fields
}

// ReplacePair is A WITH B. A * in A stands for any run of characters, and one in B
// for what that in A stood for.
type ReplacePair struct{ From, To string }

var _ = register("replace", parseReplace)

func parseReplace(p *parser, o Origin) (*Replace, *Error) {
	x := &Replace{Origin: o}
	for p.more() {
		if x.Pairs != nil && p.word1("IN") != "" {
			var err *Error
			x.Names, err = p.someNames()
			return x, err
		}
		from, err := p.value(",")
		if err != nil {
			return nil, err
		}
		if p.word1("WITH") == "" {
			return nil, p.expected("WITH")
		}
		at := p.i
		to, err := p.value(",")
		if err != nil {
			return nil, err
		}
		if n := strings.Count(to, "*"); n > 0 && n != strings.Count(from, "*") {
			return nil, p.fault(at, `"`+to+`"`, "has not the same number of wildcards as what it stands for")
		}
		x.Pairs = append(x.Pairs, ReplacePair{from, to})
	}
	if x.Pairs == nil {
		return nil, p.expected("a value")
	}
	return x, nil
}

func (x *Replace) String() string {
	pairs := make([]string, len(x.Pairs))
	for i, p := range x.Pairs {
		pairs[i] = escaped(p.From) + " with " + escaped(p.To)
	}
	l := newLine(x.Origin).add(strings.Join(pairs, ", "))
	if x.Names != nil {
		l.add("in", nameList(x.Names))
	}
	return l.String()
}

// Reads are the fields named.
func (x *Replace) Reads() []string { return x.Names }

// Sets are the fields named.
func (x *Replace) Sets() []string { return x.Names }

// Place is a row by itself.
func (x *Replace) Place() Place { return EachRow }

func (x *Replace) compile(_ *compiler, in shape) (step, shape, *Error) {
	names := in.names
	if x.Names != nil {
		names = pick(x.Names, in.names)
	}
	any := in.open && (x.Names == nil || anyWild(x.Names))
	st := change(func(r *rec) {
		for _, n := range names {
			x.apply(r, n)
		}
		if !any {
			return
		}
		for _, n := range slices.Collect(r.names()) {
			if !slices.Contains(names, n) && !strings.HasPrefix(n, "_") && (x.Names == nil || matchesAny(x.Names, n)) {
				x.apply(r, n)
			}
		}
	})
	st.timely = !slices.Contains(x.Names, timeField)
	return st, in, nil
}

func (x *Replace) apply(r *rec, name string) {
	v := r.value(name)
	if v.IsNull() {
		return
	}
	changed := false
	out := v.EachText(func(s string) string {
		to, ok := x.replaced(s)
		changed = changed || ok
		return to
	})
	if changed {
		r.set(name, out)
	}
}

// replaced goes by the last pair without wildcards that fits, else by the one
// with the most text beside its wildcards.
func (x *Replace) replaced(s string) (string, bool) {
	best, most := s, -1
	for _, p := range x.Pairs {
		if !strings.Contains(p.From, "*") {
			if p.From == s {
				best, most = p.To, value.MaxText
			}
			continue
		}
		if n := len(p.From) - strings.Count(p.From, "*"); n > most {
			if got, ok := capture(p.From, s); ok {
				best, most = fill(p.To, got), n
			}
		}
	}
	return best, most >= 0
}
