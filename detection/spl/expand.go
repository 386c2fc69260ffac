package spl

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Limits on what macros may grow to: a table that calls itself, or doubles at
// every step, ends in an error.
const (
	maxMacroDepth = 32
	maxExpanded   = 1 << 18 // bytes
	maxCalls      = 10_000
)

// source is a search with its macros put in, and where each part is from.
type source struct {
	search string // as given
	text   string // expanded
	spans  []span // ascending by start; the first starts at 0
}

// span says where the text from start on is from.
type span struct {
	start  int      // in source.text
	offset int      // in source.search
	macros []string // the macros it stands in, outermost first; nil for the search itself
	aside  bool     // one of them is Aside
}

// at is the span of a place in the expanded text.
func (s *source) at(i int) span {
	n := sort.Search(len(s.spans), func(k int) bool { return s.spans[k].start > i })
	return s.spans[max(n-1, 0)]
}

// pos is the place in the search as given, and the innermost macro.
func (s *source) pos(i int) (Pos, string) {
	sp := s.at(i)
	if len(sp.macros) > 0 {
		return position(s.search, sp.offset), sp.macros[len(sp.macros)-1]
	}
	return position(s.search, sp.offset+i-sp.start), ""
}

type expander struct {
	src   *source
	env   *Env
	out   strings.Builder
	calls int
}

// expand puts in the macros of a search.
func expand(search string, env *Env) (*source, *Error) {
	x := &expander{src: &source{search: search}, env: env}
	err := x.text(search, span{})
	x.src.text = x.out.String()
	if len(x.src.spans) == 0 {
		x.src.spans = []span{{}}
	}
	return x.src, err
}

// text copies one text, the search or a macro's, and expands the calls in it.
// from says where its first byte is from.
func (x *expander) text(s string, from span) *Error {
	x.mark(from, 0)
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "```"):
			end := strings.Index(s[i+3:], "```")
			if end < 0 {
				return x.fault(from, i, "comment", "is not closed")
			}
			i += 3 + end + 3
			x.out.WriteByte(' ')
			x.mark(from, i)
		case s[i] == '`':
			end, err := x.call(s, i, from)
			if err != nil {
				return err
			}
			i = end
			x.mark(from, i)
		case s[i] == '"':
			end := quoteEnd(s, i)
			if end < 0 {
				return x.fault(from, i, "quote", "is not closed")
			}
			x.out.WriteString(s[i:end])
			i = end
		default:
			x.out.WriteByte(s[i])
			i++
		}
		if x.out.Len() > maxExpanded {
			return x.fault(from, i, "search", fmt.Sprintf("is longer than %d bytes with its macros", maxExpanded))
		}
	}
	return nil
}

// call expands the macro call whose backtick is at s[i] and returns where the
// text goes on.
func (x *expander) call(s string, i int, from span) (int, *Error) {
	end := callEnd(s, i+1)
	if end < 0 {
		return 0, x.fault(from, i, "backtick", "is not closed")
	}
	name, args, ok := splitCall(s[i+1 : end])
	if !ok {
		return 0, x.fault(from, i, fmt.Sprintf("macro call %q", s[i+1:end]), "is not of the form name or name(argument, …)")
	}
	subject := fmt.Sprintf("macro %q", name)
	d, reason := x.env.macro(name, len(args))
	if reason != "" {
		e := x.fault(from, i, subject, reason)
		if reason == unknownMacro {
			e.meant(name, x.env.macroNames())
		}
		return 0, e
	}
	if x.calls++; len(from.macros) >= maxMacroDepth || x.calls > maxCalls {
		return 0, x.fault(from, i, subject, fmt.Sprintf("is nested more than %d deep: does it call itself?", maxMacroDepth))
	}
	inner := span{offset: from.offset, macros: append(slices.Clip(from.macros), name), aside: from.aside || d.Aside}
	if len(from.macros) == 0 {
		inner.offset += i
	}
	return end + 1, x.text(d.substitute(args), inner)
}

// callEnd is where the backtick is that closes a call, quotes left aside.
func callEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch s[i] {
		case '`':
			return i
		case '"':
			end := quoteEnd(s, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		}
	}
	return -1
}

// mark starts a span at the end of what is written: byte i of the text from.
func (x *expander) mark(from span, i int) {
	sp := span{start: x.out.Len(), offset: from.offset, macros: from.macros, aside: from.aside}
	if len(from.macros) == 0 {
		sp.offset += i
	}
	if n := len(x.src.spans); n > 0 && x.src.spans[n-1].start == sp.start {
		x.src.spans[n-1] = sp
		return
	}
	x.src.spans = append(x.src.spans, sp)
}

func (x *expander) fault(from span, i int, subject, reason string) *Error {
	e := &Error{Subject: subject, Reason: reason}
	if len(from.macros) > 0 {
		e.Macro = from.macros[len(from.macros)-1]
		i = 0
	}
	e.Pos = position(x.src.search, from.offset+i)
	return e
}
