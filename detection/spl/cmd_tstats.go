package spl

import (
	"fmt"
	"slices"
	"strings"
)

// Tstats aggregates over a data model's dataset, or over events when Model is
// "".
type Tstats struct {
	Origin
	Aggregation
	Model string // Endpoint.Processes
	Where Expr   // nil for all
}

var _ = register("tstats", parseTstats)

// tstatsOptions are read and change nothing: the events themselves are
// searched, so that there is no summary to stay within.
var tstatsOptions = []string{"summariesonly", "allow_old_summaries", "fillnull_value", "chunk_size", "local",
	"prestats", "include_reduced_buckets", "use_summary_index_values"}

func parseTstats(p *parser, o Origin) (*Tstats, *Error) {
	x := &Tstats{Origin: o}
	stop := func() (bool, *Error) {
		if err := p.tstatsOptions(); err != nil {
			return false, err
		}
		if p.end() {
			return true, p.needAggs(&x.Aggregation)
		}
		at := p.i
		w := p.word1("FROM", "WHERE", "BY", "GROUPBY")
		p.i = at
		if w == "" {
			return false, nil
		}
		return true, x.rest(p)
	}
	if err := p.aggregation(&x.Aggregation, nil, stop); err != nil {
		return nil, err
	}
	return x, p.needAggs(&x.Aggregation)
}

func (p *parser) tstatsOptions() *Error {
	for {
		opt, err := p.option(tstatsOptions...)
		if err != nil || opt.name == "" {
			return err
		}
		if yes, _ := p.truth(opt); opt.name == "prestats" && yes {
			return p.unsupported(opt)
		}
	}
}

// rest reads FROM, WHERE and BY.
func (x *Tstats) rest(p *parser) *Error {
	if p.word1("FROM") != "" {
		if err := x.from(p); err != nil {
			return err
		}
	}
	if p.word1("WHERE") != "" && !p.end() {
		where, err := p.until1("BY", "GROUPBY")
		if err != nil {
			return err
		}
		x.node(p.env, where)
	}
	if p.word1("BY", "GROUPBY") == "" {
		return nil
	}
	return p.by(&x.Aggregation)
}

// from reads the data model: datamodel=Endpoint.Processes, datamodel
// Endpoint.Processes or "Endpoint"."Processes".
func (x *Tstats) from(p *parser) *Error {
	p.space()
	at := p.i
	if !p.keyword("datamodel") {
		return p.fault(at, p.next(), "stands where the tstats command needs a data model")
	}
	p.eat('=')
	p.space()
	at = p.i
	name, err := p.datasetName()
	if err != nil {
		return err
	}
	x.Model = name
	if _, ok := p.env.model(name); !ok {
		return p.fault(at, fmt.Sprintf("data model %q", name), "is not supported")
	}
	return nil
}

// node takes nodename=Endpoint.Processes out of a condition and makes it the
// data model's dataset; the rest is Where.
func (x *Tstats) node(env *Env, where Expr) {
	parts, ok := where.(And)
	if !ok {
		parts = And{where}
	}
	var rest And
	for _, part := range parts {
		c, ok := part.(*Compare)
		if !ok || x.Model == "" || c.Op != "=" || !strings.EqualFold(c.Field, "nodename") {
			rest = append(rest, part)
			continue
		}
		model, _, dataset := strings.Cut(x.Model, ".")
		name := model + "." + c.Value[strings.LastIndexByte(c.Value, '.')+1:]
		if _, known := env.model(name); known || !dataset {
			x.Model = name
		}
	}
	if rest != nil {
		x.Where = rest
	}
}

func (x *Tstats) String() string {
	l := newLine(x.Origin).add(x.aggText())
	if x.Model != "" {
		l.add("from datamodel=" + nameText(x.Model))
	}
	if x.Where != nil {
		l.add("where", conditionText(x.Where))
	}
	if x.By != nil {
		l.add("by", nameList(x.By), x.spanText())
	}
	return l.String()
}

// Reads are the fields of the condition, the BY fields and what is aggregated.
func (x *Tstats) Reads() []string {
	if x.Where == nil {
		return x.Aggregation.Reads()
	}
	return slices.Concat(conditionFields(x.Where), x.Aggregation.Reads())
}

func (x *Tstats) starts() bool { return true }

// scan is the dataset, and the condition.
func (x *Tstats) scan(env *Env) (Scan, bool) {
	var s Scan
	if x.Where != nil {
		s.First = []Expr{without(x.Where)}
	}
	if m, ok := env.model(x.Model); ok && x.Model != "" {
		s.Model = m
	}
	return s, true
}

func (x *Tstats) subs() []*Sub { return subsIn(x.Where) }

// Place is the beginning.
func (x *Tstats) Place() Place { return Starts }

func (x *Tstats) compile(c *compiler, in shape) (st step, out shape, err *Error) {
	if x.Where != nil {
		st.asks = c.condition(x.Where)
		st.asked = c.env.matcher(st.asks)
	}
	f := &fold{Aggregation: &x.Aggregation}
	st.fold = f
	if x.Model != "" {
		m, ok := c.env.model(x.Model)
		if !ok || m == nil {
			return st, in, refuse(x, fmt.Sprintf("data model %q", x.Model),
				"is not supported without the name of its dataset")
		}
		f.model = m
	}
	f.aggs, err = c.aggs(x, &x.Aggregation, in)
	return st, withAggs(shape{names: x.By}, f.aggs), err
}
