package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// indexField is the index that an event is in. What was imported is in every
// ordinary one, whatever a search calls it, and in none of those apart: risk,
// notable, notes, and those whose names begin with _. An event of these says so itself, by
// a field index.
const (
	indexField = "index"
	mainIndex  = "main" // what imported events say
)

// OrdinaryIndex says whether imported events are in an index of a name, which may
// have wildcards.
func OrdinaryIndex(name string) bool {
	name = strings.ToLower(name)
	return !slices.Contains(apart, name) && !strings.HasPrefix(name, "_")
}

// ofIndex is a condition on the index of an event.
type ofIndex struct {
	of       matcher // of one that says which it is in
	ordinary bool    // of any other
}

func (m *ofIndex) match(e Event) bool {
	if v, more, ok := fetch(e, indexField); ok && (v != mainIndex || more != nil) {
		return m.of.match(e)
	}
	return m.ordinary
}

// readsIndex says whether a search reads the field index beside asking for one: of
// events of older versions it was null.
func readsIndex(commands Pipeline) bool {
	return slices.ContainsFunc(commands, func(cmd Command) bool {
		asks := false
		for _, x := range conditionsOf(cmd) {
			walkExpr(x, func(x Expr) {
				_, index := indexTermOf(x)
				asks = asks || index
			})
		}
		return !asks && slices.Contains(cmd.Reads(), indexField) ||
			slices.ContainsFunc(subsOf(cmd), func(s *Sub) bool { return readsIndex(s.Pipe) })
	})
}

// indexTerm is a condition on an index: =, !=, IN or another comparison.
type indexTerm struct {
	op     string
	values []string
}

func indexTermOf(x Expr) (t indexTerm, ok bool) {
	switch x := x.(type) {
	case *Compare:
		return indexTerm{x.Op, []string{x.Value}}, x.Field == indexField
	case *In:
		return indexTerm{"=", x.Values}, x.Field == indexField
	}
	return t, false
}

// holds says whether an event of an index meets the condition; "" is the index of
// what was imported, which any name but those apart may mean.
func (t indexTerm) holds(name string) bool {
	switch {
	case name == "":
		return t.op != "=" || slices.ContainsFunc(t.values, OrdinaryIndex)
	case t.op == "=":
		return t.names(name)
	case t.op == "!=":
		return !t.names(name)
	}
	return (&ordered{want: value.NewPattern(t.values[0]), less: t.op[0] == '<', equal: len(t.op) == 2}).fits(name)
}

// names says whether the condition speaks of an index.
func (t indexTerm) names(name string) bool {
	return slices.ContainsFunc(t.values, func(v string) bool {
		p := value.NewPattern(v)
		return p.Match(name)
	})
}

// onIndex is what a condition may come to for an event of which nothing is known but
// its index.
func onIndex(x Expr, name string) (mayHold, mayFail bool) {
	switch x := x.(type) {
	case And:
		mayHold = true
		for _, y := range x {
			h, f := onIndex(y, name)
			mayHold, mayFail = mayHold && h, mayFail || f
		}
		return mayHold, mayFail
	case Or:
		mayFail = true
		for _, y := range x {
			h, f := onIndex(y, name)
			mayHold, mayFail = mayHold || h, mayFail && f
		}
		return mayHold, mayFail
	case Not:
		h, f := onIndex(x.X, name)
		return f, h
	}
	if t, ok := indexTermOf(x); ok {
		return t.holds(name), !t.holds(name)
	}
	return true, true
}

// indexed is a dataset whose events are in an index apart.
type indexed interface{ Index() string }

// AsksIndex says whether the scan is about events of an index: "" for those that
// were imported, else the name of one apart. Those are asked for where the search
// names them, or its data model is of them; no index and index=* mean what was
// imported alone.
func (s Scan) AsksIndex(name string) bool {
	if s.Model != nil {
		of := ""
		if m, ok := s.Model.(indexed); ok {
			of = m.Index()
		}
		return of == name
	}
	may, _ := onIndex(And(s.First), name)
	return may && (name == "" || slices.ContainsFunc(s.First, func(x Expr) bool { return speaksOf(x, name) }))
}

// speaksOf says whether a condition asks for an index, and not to be without it.
func speaksOf(x Expr, name string) (any bool) {
	switch x := x.(type) {
	case And:
		return slices.ContainsFunc(x, func(y Expr) bool { return speaksOf(y, name) })
	case Or:
		return slices.ContainsFunc(x, func(y Expr) bool { return speaksOf(y, name) })
	}
	t, ok := indexTermOf(x)
	return ok && t.op == "=" && t.names(name)
}

// OtherIndexes are the indexes apart that the search asks for where it is about no
// event that was imported; nil where it may be about some.
func (p *Plan) OtherIndexes() (out []string) {
	for _, s := range p.Scans() {
		if s.AsksIndex("") {
			return nil
		}
		if m, ok := s.Model.(indexed); ok {
			out = append(out, m.Index())
		}
		walkExpr(And(s.First), func(x Expr) {
			if t, ok := indexTermOf(x); ok && t.op == "=" {
				out = append(out, t.values...)
			}
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}
