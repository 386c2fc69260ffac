package spl

import (
	"net/netip"
	"strings"

	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

// Functions that look for something in text.
var (
	_ = form("match", exactly(2), buildMatch)
	_ = form("like", exactly(2), buildLike)
	_ = form("replace", exactly(3), buildReplace)
	_ = function("cidrmatch", exactly(2), cidrMatch)
	_ = form("searchmatch", exactly(1), buildSearchMatch)
)

// literal is the text of an argument that is written in the search itself.
func literal(x Ex) (string, bool) {
	l, ok := x.(*Lit)
	if !ok {
		return "", false
	}
	return l.v.Text(), true
}

// regexArg compiles an argument that is a regular expression: once when it is
// written in the search, for each row when it comes from a field, and then one
// that cannot be read is nil.
func (c *compiler) regexArg(call *Call, i int, arg evalFn) (func(*rec) *rx.Regexp, *Error) {
	if s, ok := literal(call.Args[i]); ok {
		re, err := rx.Compile(s)
		if err != nil {
			return nil, c.fault(call.at, `regular expression of "`+call.Fn+`"`, err.Error())
		}
		return func(*rec) *rx.Regexp { return re }, nil
	}
	return func(r *rec) *rx.Regexp {
		return rx.CompileForeign(arg(r).Text(), &r.within().steps)
	}, nil
}

func buildMatch(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	re, err := c.regexArg(call, 1, args[1])
	if err != nil {
		return nil, err
	}
	return func(r *rec) value.Value {
		v, x := args[0](r), re(r)
		return value.Truth(x != nil && v.AnyText(r.matches(x)))
	}, nil
}

func buildReplace(c *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	re, err := c.regexArg(call, 1, args[1])
	if err != nil {
		return nil, err
	}
	return func(r *rec) value.Value {
		v, x, with := args[0](r), re(r), args[2](r)
		if x == nil || with.IsNull() {
			return value.Null
		}
		tmpl := rx.Template(with.Text())
		return v.EachText(func(s string) string { return tmpl.Replace(x, s, 0, &r.within().steps) })
	}, nil
}

// buildLike compares with a pattern in which % stands for any run and _ for
// any character. Letters keep their case.
func buildLike(_ *compiler, call *Call, args []evalFn) (evalFn, *Error) {
	if s, ok := literal(call.Args[1]); ok {
		p := newLike(s)
		return func(r *rec) value.Value { return value.Truth(args[0](r).AnyText(p.match)) }, nil
	}
	return func(r *rec) value.Value {
		p := args[1](r)
		return value.Truth(!p.IsNull() && args[0](r).AnyText(newLike(p.Text()).match))
	}, nil
}

// likePattern is the text between the % signs.
type likePattern []string

func newLike(s string) likePattern { return strings.Split(s, "%") }

func (p likePattern) match(s string) bool {
	first, last := p[0], p[len(p)-1]
	n, ok := likePrefix(s, first)
	if !ok {
		return false
	}
	if len(p) == 1 {
		return n == len(s)
	}
	s = s[n:]
	for _, part := range p[1 : len(p)-1] {
		i, n := likeIndex(s, part)
		if i < 0 {
			return false
		}
		s = s[i+n:]
	}
	return likeSuffix(s, last)
}

// likePrefix says whether s starts with part, and how long that start is.
func likePrefix(s, part string) (int, bool) {
	i := 0
	for j := 0; j < len(part); j++ {
		if part[j] == '_' {
			n := skipRunes(s[i:], 1)
			if n == 0 {
				return 0, false
			}
			i += n
			continue
		}
		if i >= len(s) || s[i] != part[j] {
			return 0, false
		}
		i++
	}
	return i, true
}

func likeIndex(s, part string) (at, n int) {
	if strings.IndexByte(part, '_') < 0 {
		return strings.Index(s, part), len(part)
	}
	for i := 0; i <= len(s); i++ {
		if n, ok := likePrefix(s[i:], part); ok {
			return i, n
		}
	}
	return -1, 0
}

func likeSuffix(s, part string) bool {
	if strings.IndexByte(part, '_') < 0 {
		return strings.HasSuffix(s, part)
	}
	for i := max(len(s)-4*len(part), 0); i <= len(s); i++ {
		if n, ok := likePrefix(s[i:], part); ok && i+n == len(s) {
			return true
		}
	}
	return false
}

func cidrMatch(a []value.Value) value.Value {
	prefix, err := netip.ParsePrefix(a[0].Text())
	if err != nil {
		return value.Truth(false)
	}
	return value.Truth(a[1].AnyText(func(s string) bool { return value.InPrefix(prefix, s) }))
}

// buildSearchMatch reads its argument as the search command does.
func buildSearchMatch(c *compiler, call *Call, _ []evalFn) (evalFn, *Error) {
	s, ok := literal(call.Args[0])
	if !ok {
		return nil, c.fault(call.at, `function "searchmatch"`, "needs a search in quotes")
	}
	p := &parser{src: &source{search: s, text: s, spans: []span{{}}}, s: s, env: c.env, command: "search"}
	x, err := p.and()
	if err != nil || !p.done() || len(subsIn(x)) > 0 {
		return nil, c.fault(call.at, `function "searchmatch"`, "has a search that cannot be read")
	}
	m := c.env.matcher(x)
	return func(r *rec) value.Value { return value.Truth(m.match(r)) }, nil
}
