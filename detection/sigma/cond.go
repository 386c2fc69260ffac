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

// maxText bounds roughly how long the text of a condition is, in bytes, before it is
// written; a search is
// refused in the end that is longer than 256 KiB.
const maxText = 1 << 20

// tooLong says whether a condition's text would be longer than left bytes, which it
// takes off.
func tooLong(c cond, left *int) bool {
	parts, _ := c.(every)
	switch c := c.(type) {
	case some:
		parts = every(c)
	case not:
		parts = every{c.of}
	case glob:
		*left -= len(c.field) + c.p.size()
	case keyword:
		*left -= c.p.size()
	case expression:
		*left -= len(c.field) + len(c.re)
	}
	if *left -= 8; *left < 0 {
		return true
	}
	for _, x := range parts {
		if tooLong(x, left) {
			return true
		}
	}
	return false
}

func (p pattern) size() (n int) {
	for _, t := range p {
		n += 1 + len(t.text)
	}
	return n
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
