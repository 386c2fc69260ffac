package spl

import (
	"fmt"
	"strings"
)

// tstatsOptions are read and change nothing: the events themselves are
// searched, so that there is no summary to stay within.
var tstatsOptions = []string{"summariesonly", "allow_old_summaries", "fillnull_value", "chunk_size", "local", "prestats",
	"include_reduced_buckets", "use_summary_index_values"}

func parseTstats(p *parser, o Origin) (Command, *Error) {
	ts := &Tstats{Stats: Stats{Origin: o, Current: true}}
	stop := func() (bool, *Error) {
		if p.i == 0 {
			return false, nil
		}
		for {
			at := p.i
			name, v, err := p.option(tstatsOptions...)
			if err != nil {
				return false, err
			}
			if name == "" {
				break
			}
			if yes, _ := p.truth(at, v); name == "prestats" && yes {
				return false, p.fault(at, "option prestats", "is not supported")
			}
		}
		if p.end() {
			return true, p.needAggs(&ts.Stats)
		}
		at := p.i
		w := p.word1("FROM", "WHERE", "BY", "GROUPBY")
		p.i = at
		if w == "" {
			return false, nil
		}
		if w == "WHERE" || w == "FROM" || w == "BY" || w == "GROUPBY" {
			return true, p.tstatsRest(ts)
		}
		return false, nil
	}
	if err := p.stats(&ts.Stats, stop); err != nil {
		return nil, err
	}
	return ts, p.needAggs(&ts.Stats)
}

// tstatsRest reads FROM, WHERE and BY.
func (p *parser) tstatsRest(ts *Tstats) *Error {
	if p.word1("FROM") != "" {
		if err := p.from(ts); err != nil {
			return err
		}
	}
	if p.word1("WHERE") != "" && !p.end() {
		x, err := p.until1("BY", "GROUPBY")
		if err != nil {
			return err
		}
		ts.Where = ts.node(x)
	}
	if p.word1("BY", "GROUPBY") == "" {
		return nil
	}
	return p.by(&ts.Stats)
}

// from reads the data model: datamodel=Endpoint.Processes, datamodel
// Endpoint.Processes or "Endpoint"."Processes".
func (p *parser) from(ts *Tstats) *Error {
	p.space()
	at := p.i
	if !p.keyword("datamodel") {
		return p.fault(at, p.next(), "stands where the tstats command needs a data model")
	}
	p.eat('=')
	p.space()
	at = p.i
	name, err := p.name("()=,")
	if err != nil {
		return err
	}
	for !p.done() && (p.s[p.i] == '.' || p.s[p.i] == '"') { // "Endpoint"."Processes"
		if p.s[p.i] == '.' {
			p.i++
		}
		more, err := p.name("()=,")
		if err != nil {
			return err
		}
		name = strings.TrimSuffix(name, ".") + "." + strings.TrimPrefix(more, ".")
	}
	ts.Model = name
	if _, ok := p.env.model(name); !ok {
		return p.fault(at, fmt.Sprintf("data model %q", name), "is not supported")
	}
	return nil
}

// node takes nodename=Endpoint.Processes out of a condition and makes it the
// data model's dataset.
func (ts *Tstats) node(x Expr) Expr {
	parts, ok := x.(And)
	if !ok {
		parts = And{x}
	}
	var rest And
	for _, part := range parts {
		c, ok := part.(*Compare)
		if !ok || c.Op != "=" || !strings.EqualFold(c.Field, "nodename") {
			rest = append(rest, part)
			continue
		}
		if name := c.Value; !strings.Contains(ts.Model, ".") {
			if !strings.Contains(name, ".") {
				name = ts.Model + "." + name
			}
			ts.Model = name
		}
	}
	return rest
}

// until1 reads a condition of the search command that ends before one of the
// words.
func (p *parser) until1(words ...string) (Expr, *Error) {
	p.stop = words
	defer func() { p.stop = nil }()
	return p.and()
}

// stopped says whether one of the words is next that end a condition.
func (p *parser) stopped() bool {
	if p.stop == nil {
		return false
	}
	p.space()
	at := p.i
	w := p.word1(p.stop...)
	ends := w != "" && (p.done() || strings.IndexByte(" \t\r\n\v\f|", p.s[p.i]) >= 0)
	p.i = at
	return ends
}
