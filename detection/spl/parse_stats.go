package spl

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// statsOptions are options of stats and its kin. The first three change
// nothing here; the others are those of streamstats.
var statsOptions = []string{"allnum", "delim", "partitions", "current", "window", "global", "time_window"}

// aggregation reads options, aggregates and BY fields. take reads the options
// that only streamstats has; of the others it is nil. stop ends the aggregates
// and is nil for commands that end with the BY fields.
func (p *parser) aggregation(x *Aggregation, take func(option) *Error, stop func() (bool, *Error)) *Error {
	for !p.end() {
		if stop != nil {
			if ended, err := stop(); ended || err != nil {
				return err
			}
		}
		if p.keyword("by") {
			return p.by(x)
		}
		if done, err := p.statsOption(take); err != nil {
			return err
		} else if done {
			continue
		}
		if err := p.addAgg(x); err != nil {
			return err
		}
		p.eat(',')
	}
	return p.needAggs(x)
}

func (p *parser) statsOption(take func(option) *Error) (bool, *Error) {
	opt, err := p.option(statsOptions...)
	switch {
	case opt.name == "" || err != nil:
		return false, err
	case slices.Contains(statsOptions[:3], opt.name):
		return true, nil
	case take == nil:
		return false, p.badOption(opt)
	}
	return true, take(opt)
}

// badOption is the error of an option whose value cannot be had.
func (p *parser) badOption(opt option) *Error {
	return p.fault(opt.at, fmt.Sprintf("option %q", opt.name+"="+opt.value), "is not supported")
}

// addAgg reads an aggregate into x. One that is written twice, to the letter,
// is one.
func (p *parser) addAgg(x *Aggregation) *Error {
	p.space()
	at := p.i
	a, err := p.agg()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.Aggs, func(b Agg) bool { return b.As == a.As })
	switch {
	case i < 0:
		x.Aggs = append(x.Aggs, a)
	case a.Expr != nil || x.Aggs[i] != a:
		return p.fault(at, fmt.Sprintf("column %q", a.As), "is there twice")
	}
	return nil
}

func (p *parser) needAggs(x *Aggregation) *Error {
	if len(x.Aggs) == 0 {
		return p.expected("an aggregate such as count")
	}
	return nil
}

// by reads the BY fields: separated by spaces or commas, and span= for _time
// between them or at the end.
func (p *parser) by(x *Aggregation) *Error {
	if err := p.needAggs(x); err != nil {
		return err
	}
	for {
		read, err := p.bySpan(x)
		if err == nil && !read {
			err = p.byField(x)
		}
		if err != nil {
			return err
		}
		if !p.more() { // a stray comma is let pass, as Splunk does
			return nil
		}
	}
}

func (p *parser) byField(x *Aggregation) *Error {
	p.space()
	at := p.i
	f, err := p.name(",()=[]")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(x.Aggs, func(a Agg) bool { return a.As == f }) {
		return p.fault(at, fmt.Sprintf("column %q", f), "is there twice")
	}
	if !slices.Contains(x.By, f) {
		x.By = append(x.By, f)
	}
	return nil
}

// bySpan reads span=1h, which counts for _time.
func (p *parser) bySpan(x *Aggregation) (bool, *Error) {
	if x.By == nil {
		return false, nil
	}
	opt, err := p.option("span", "prestats")
	if err != nil || opt.name == "" {
		return false, err
	}
	s, ok := value.ParseSpan(opt.value)
	if opt.name != "span" || !ok || s.Every == 0 {
		return false, p.badOption(opt)
	}
	x.Span = s.Every
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
		return Agg{}, p.fault(at, fmt.Sprintf("aggregate %q", w), "is not supported").ofAggregate(strings.ToLower(w))
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
		return p.aggExpr(at, fn, a)
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

// aggExpr reads (expression)) after eval.
func (p *parser) aggExpr(at int, fn string, a *Agg) (err *Error) {
	if !p.eat('(') {
		return p.expected("an expression in parentheses after eval")
	}
	if a.Expr, err = p.expression(); err != nil {
		return err
	}
	for range 2 { // eval's and the aggregate's
		if !p.eat(')') {
			return p.fault(at, fmt.Sprintf("parenthesis after %q", fn), "is not closed")
		}
	}
	return nil
}
