package spl

import (
	"slices"

	"escutcheon/detection/spl/value"
)

// matcher is a compiled condition.
type matcher interface{ match(Event) bool }

type (
	always  struct{}             // a lone *
	every   []matcher            // AND
	some    []matcher            // OR
	negated struct{ of matcher } // NOT
	exists  struct{ field string }
	equals  struct {
		field string
		want  value.Pattern
	}
	differs struct { // != : the field must be there
		field string
		want  value.Pattern
	}
	ordered struct {
		field string
		want  value.Pattern
		less  bool // else more
		equal bool // or equal
	}
	among struct {
		field string
		want  []value.Pattern
	}
	inRaw struct{ want value.Term }
)

func (always) match(Event) bool { return true }

func (m every) match(e Event) bool {
	for _, x := range m {
		if !x.match(e) {
			return false
		}
	}
	return true
}

func (m some) match(e Event) bool {
	for _, x := range m {
		if x.match(e) {
			return true
		}
	}
	return false
}

func (m negated) match(e Event) bool { return !m.of.match(e) }

func (m *exists) match(e Event) bool {
	_, _, ok := fetch(e, m.field)
	return ok
}

func (m *equals) match(e Event) bool {
	v, more, ok := fetch(e, m.field)
	return ok && (m.want.Match(v) || slices.ContainsFunc(more, m.want.Match))
}

// match asks that one of the values differs.
func (m *differs) match(e Event) bool {
	v, more, ok := fetch(e, m.field)
	return ok && (!m.want.Match(v) || slices.ContainsFunc(more, func(v string) bool { return !m.want.Match(v) }))
}

func (m *ordered) match(e Event) bool {
	v, more, ok := fetch(e, m.field)
	return ok && (m.fits(v) || slices.ContainsFunc(more, m.fits))
}

func (m *ordered) fits(v string) bool {
	c := m.want.Order(v)
	return c == 0 && m.equal || c < 0 && m.less || c > 0 && !m.less
}

func (m *among) match(e Event) bool {
	v, more, ok := fetch(e, m.field)
	return ok && (m.fits(v) || slices.ContainsFunc(more, m.fits))
}

func (m *among) fits(v string) bool {
	for i := range m.want {
		if m.want[i].Match(v) {
			return true
		}
	}
	return false
}

func (m *inRaw) match(e Event) bool {
	v, ok := e.Get(rawField)
	return ok && m.want.Find(v)
}

// matcher turns a condition into what matches it.
func (env *Env) matcher(x Expr) matcher {
	switch x := x.(type) {
	case And:
		return env.every(x)
	case Or:
		return some(env.matchers(x))
	case Not:
		return negated{env.matcher(x.X)}
	case *In:
		return env.onField(x.Field, x, env.among(x))
	case *Compare:
		return env.onField(x.Field, x, env.compare(x))
	case *When:
		if x.set {
			return &during{x.in}
		}
		return always{}
	case *Term:
		if onlyStars(x.Text) {
			return always{}
		}
		switch x.Of {
		case "TERM":
			return &inRaw{value.NewWhole(x.Text)}
		case "CASE":
			return &inRaw{value.NewCased(x.Text)}
		}
		return &inRaw{value.NewTerm(x.Text)}
	case *SubExpr:
		return always{} // until it has run
	}
	panic("spl: unknown expression") // Expr is sealed
}

// onField is m, which matches x, but of the index.
func (env *Env) onField(field string, x Expr, m matcher) matcher {
	if field != indexField {
		return m
	}
	t, _ := indexTermOf(x)
	return &ofIndex{of: m, ordinary: t.holds("")}
}

func (env *Env) matchers(xs []Expr) []matcher {
	out := make([]matcher, len(xs))
	for i, x := range xs {
		out[i] = env.matcher(x)
	}
	return out
}

// asWritten matches what is rewritten, which is not rewritten again.
var asWritten Env

// among looks values up together, unless some are rewritten.
func (env *Env) among(x *In) matcher {
	m := &among{field: x.Field}
	var others some
	for _, v := range x.Values {
		if y := env.rewrite(x.Field, v); y != nil {
			others = append(others, asWritten.matcher(y))
		} else {
			m.want = append(m.want, value.NewPattern(v))
		}
	}
	if others == nil {
		return m
	}
	return append(others, m)
}

// every puts the cheapest first: equalities with a number (event codes, mostly), then
// single values, lists, and last what looks through the whole event. The order of an
// AND does not change what it matches.
func (env *Env) every(xs And) matcher {
	ms := env.matchers(xs)
	slices.SortStableFunc(ms, func(a, b matcher) int { return cost(a) - cost(b) })
	return every(ms)
}

func cost(m matcher) (n int) {
	switch m := m.(type) {
	case *equals:
		if m.want.IsNumber() {
			return 0
		}
	case *among:
		return 1 + len(m.want)/4
	case negated:
		return cost(m.of)
	case every:
		return costOf(m)
	case some:
		return 1 + costOf(m)
	case *inRaw:
		return 20
	}
	return 1
}

func costOf(ms []matcher) (n int) {
	for _, m := range ms {
		n += cost(m)
	}
	return n
}

func (env *Env) compare(x *Compare) matcher {
	if x.Op == "=" || x.Op == "!=" {
		if y := env.rewrite(x.Field, x.Value); y != nil {
			m := asWritten.matcher(y)
			if x.Op == "!=" {
				return every{&exists{x.Field}, negated{m}}
			}
			return m
		}
	}
	return compare(x)
}

func compare(x *Compare) matcher {
	want := value.NewPattern(x.Value)
	switch x.Op {
	case "=":
		if onlyStars(x.Value) {
			return &exists{x.Field}
		}
		return &equals{x.Field, want}
	case "!=":
		return &differs{x.Field, want}
	}
	return &ordered{field: x.Field, want: want, less: x.Op[0] == '<', equal: len(x.Op) == 2}
}

// onlyStars says whether a text is nothing but wildcards.
func onlyStars(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '*' {
			return false
		}
	}
	return s != ""
}
