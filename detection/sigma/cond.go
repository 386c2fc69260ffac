package sigma

// cond is what a detection asks of an event: every, some, not, or a test of one
// field. nil asks for nothing.
type cond interface{}

type (
	every []cond // and
	some  []cond // or
	not   struct{ of cond }
)

// test is a condition that looks at an event's fields.
type test interface {
	// search is the test as the search command says it; exact says that this is
	// all of it. Where it is not, the text asks for less, or is "".
	search() (text string, exact bool)
	// eval is the test as an expression, which is never null.
	eval() string
}

// and puts conditions together, with what is nested of the same kind made flat.
func and(xs ...cond) cond {
	var out every
	for _, x := range xs {
		switch x := x.(type) {
		case nil:
		case every:
			out = append(out, x...)
		default:
			out = append(out, x)
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return out
}

// or is like and; of nothing to choose from it is nil, which asks for nothing.
func or(xs ...cond) cond {
	var out some
	for _, x := range xs {
		switch x := x.(type) {
		case nil:
			return nil
		case some:
			out = append(out, x...)
		default:
			out = append(out, x)
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return out
}

// exactly says whether the search command can say all of a condition.
func exactly(c cond) bool {
	switch c := c.(type) {
	case every:
		return allOf(c, exactly)
	case some:
		return allOf(c, exactly)
	case not:
		return exactly(c.of)
	case test:
		_, exact := c.search()
		return exact
	}
	return true
}

func allOf(cs []cond, f func(cond) bool) bool {
	for _, c := range cs {
		if !f(c) {
			return false
		}
	}
	return true
}

// loosely is what the search command can say of a condition: whatever meets the
// condition meets it too. With denied, it is that of the condition's opposite.
func loosely(c cond, denied bool) cond {
	if exactly(c) && c != nil {
		if denied {
			return not{c}
		}
		return c
	}
	switch c := c.(type) {
	case every:
		if denied {
			return or(looselyEach(c, denied)...)
		}
		return and(looselyEach(c, denied)...)
	case some:
		if denied {
			return and(looselyEach(c, denied)...)
		}
		return or(looselyEach(c, denied)...)
	case not:
		return loosely(c.of, !denied)
	case test:
		if text, _ := c.search(); text != "" && !denied {
			return loose{c, text}
		}
	}
	return nil
}

func looselyEach(cs []cond, denied bool) []cond {
	out := make([]cond, len(cs))
	for i, c := range cs {
		out[i] = loosely(c, denied)
	}
	return out
}

// loose is a test of which only what the search command says is asked.
type loose struct {
	test
	text string
}

func (t loose) search() (string, bool) { return t.text, true }
