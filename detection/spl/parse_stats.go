package spl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

func parseStats(p *parser, o Origin) (Command, *Error) {
	st := &Stats{Origin: o, Current: true}
	return st, p.stats(st, nil)
}

// statsOptions are options that change nothing here, but for those of
// streamstats.
var statsOptions = []string{"allnum", "delim", "partitions", "current", "window", "global"}

// stats reads options, aggregates and BY fields. stop ends the aggregates and
// is nil for commands that end with the BY fields.
func (p *parser) stats(st *Stats, stop func() (bool, *Error)) *Error {
	for !p.end() {
		if stop != nil {
			if ended, err := stop(); ended || err != nil {
				return err
			}
		}
		if p.keyword("by") {
			return p.by(st)
		}
		if done, err := p.statsOption(st); err != nil {
			return err
		} else if done {
			continue
		}
		if err := p.addAgg(st); err != nil {
			return err
		}
		p.eat(',')
	}
	return p.needAggs(st)
}

// addAgg reads an aggregate into st. One that is written twice, to the letter,
// is one.
func (p *parser) addAgg(st *Stats) *Error {
	p.space()
	at := p.i
	a, err := p.agg()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(st.Aggs, func(b Agg) bool { return b.As == a.As })
	switch {
	case i < 0:
		st.Aggs = append(st.Aggs, a)
	case a.Expr != nil || st.Aggs[i] != a:
		return p.fault(at, fmt.Sprintf("column %q", a.As), "is there twice")
	}
	return nil
}

func (p *parser) needAggs(st *Stats) *Error {
	if len(st.Aggs) == 0 {
		return p.expected("an aggregate such as count")
	}
	return nil
}

func (p *parser) statsOption(st *Stats) (bool, *Error) {
	at := p.i
	name, v, err := p.option(statsOptions...)
	if name == "" || err != nil {
		return false, err
	}
	bad := p.fault(at, fmt.Sprintf("option %q", name+"="+v), "is not supported")
	if p.command != "streamstats" && slices.Contains([]string{"current", "window", "global"}, name) {
		return false, bad
	}
	switch name {
	case "current":
		st.Current, err = p.truth(at, v)
		return true, err
	case "window":
		n, e := strconv.Atoi(v)
		if e != nil || n < 0 || n > 10_000 {
			return false, bad
		}
		st.Window = n
	case "global":
		if yes, err := p.truth(at, v); err != nil || yes && st.Window > 0 {
			return false, bad
		}
	}
	return true, nil
}

// by reads the BY fields: separated by spaces or commas, and span= for _time
// between them or at the end.
func (p *parser) by(st *Stats) *Error {
	if err := p.needAggs(st); err != nil {
		return err
	}
	for {
		p.space()
		if read, err := p.bySpan(st); err != nil {
			return err
		} else if !read {
			at := p.i
			f, err := p.name(",()=[]")
			if err != nil {
				return err
			}
			if slices.ContainsFunc(st.Aggs, func(a Agg) bool { return a.As == f }) {
				return p.fault(at, fmt.Sprintf("column %q", f), "is there twice")
			}
			if !slices.Contains(st.By, f) {
				st.By = append(st.By, f)
			}
		}
		if p.eat(','); p.end() {
			return nil
		}
	}
}

// bySpan reads span=1h, which counts for _time.
func (p *parser) bySpan(st *Stats) (bool, *Error) {
	at := p.i
	name, v, err := p.option("span", "prestats")
	if err != nil || name == "" || st.By == nil {
		p.i = at
		return false, err
	}
	s, ok := value.ParseSpan(v)
	if name != "span" || !ok || s.Every == 0 {
		return false, p.fault(at, fmt.Sprintf("option %q", name+"="+v), "is not supported")
	}
	st.Span = s.Every
	return true, nil
}

// agg reads one aggregate: count, max(field), min(field) as name.
func (p *parser) agg() (Agg, *Error) {
	at := p.i
	w := p.peekWord()
	if w == "" {
		return Agg{}, p.unexpected()
	}
	p.i += len(w)
	name, arg, ok := agg.Find(strings.ToLower(w))
	if !ok {
		return Agg{}, p.fault(at, fmt.Sprintf("aggregate %q", w), "is not supported")
	}
	a := Agg{Func: name, Arg: arg}
	if !p.done() && p.s[p.i] == '(' {
		if err := p.aggArg(at, &a); err != nil {
			return Agg{}, err
		}
	} else if a.Func != "count" {
		return Agg{}, p.fault(at, fmt.Sprintf("aggregate %q", w), "needs a field in parentheses")
	}
	a.As = strings.ToLower(p.s[at:at+len(w)]) + p.s[at+len(w):p.i]
	if a.Field != "" && a.Expr == nil {
		a.As = strings.ToLower(w) + "(" + a.Field + ")"
	} else if a.Func == "count" && a.Expr == nil {
		a.As = strings.ToLower(w)
	}
	return a, p.as(&a.As)
}

// aggArg reads (field), (eval(expression)) or (); at is where the aggregate's
// name stands.
func (p *parser) aggArg(at int, a *Agg) *Error {
	fn := p.s[at:p.i]
	p.i++
	p.space()
	if a.Func == "count" && p.eat(')') {
		return nil
	}
	if p.keyword("eval") {
		if !p.eat('(') {
			return p.expected("an expression in parentheses after eval")
		}
		x, err := p.expression()
		if err != nil {
			return err
		}
		if closed := p.eat(')') && p.closes(); !closed {
			return p.fault(at, fmt.Sprintf("parenthesis after %q", fn), "is not closed")
		}
		a.Expr = x
		return nil
	}
	f, err := p.name("(),=")
	if err != nil {
		return err
	}
	if !p.done() && p.s[p.i] == '(' {
		return p.fault(p.i-len(f), fmt.Sprintf("expression %q", f+"()"), "is not supported")
	}
	if !p.eat(')') {
		return p.fault(at, fmt.Sprintf("parenthesis after %q", fn), "is not closed after one field")
	}
	if f == "*" && a.Func == "count" {
		return nil
	}
	a.Field = f
	return nil
}

// closes eats a closing parenthesis, if it is next.
func (p *parser) closes() bool { return p.eat(')') }

// as reads AS name into to, if it is next.
func (p *parser) as(to *string) *Error {
	at := p.i
	if !p.keyword("as") {
		p.i = at
		return nil
	}
	n, err := p.name(",=")
	if err == nil {
		*to = n
	}
	return err
}

// option reads name=value if it is next and the name is one of names. The
// value may be quoted.
func (p *parser) option(names ...string) (name, v string, err *Error) {
	p.space()
	at := p.i
	w := strings.ToLower(p.peekWord())
	if !slices.Contains(names, w) {
		return "", "", nil
	}
	p.i += len(w)
	if !p.eat('=') {
		p.i = at
		return "", "", nil
	}
	v, err = p.value(",")
	return w, v, err
}

// truth reads t, f, true, false, 1 or 0.
func (p *parser) truth(at int, v string) (bool, *Error) {
	switch strings.ToLower(v) {
	case "t", "true", "1":
		return true, nil
	case "f", "false", "0":
		return false, nil
	}
	return false, p.fault(at, fmt.Sprintf("value %q", v), "is neither true nor false")
}

// count reads a whole number from 0 on.
func (p *parser) count(at int, v string) (int, *Error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || value.Digits(v) != len(v) {
		return 0, p.fault(at, fmt.Sprintf("value %q", v), "is no whole number")
	}
	return n, nil
}
