package spl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// Transaction groups events that have the same values in Fields and lie near each
// other in time: each group is a row.
type Transaction struct {
	Origin
	Fields            []string
	MaxSpan, MaxPause time.Duration // 0 for none
	MaxEvents         int           // 0: 1,000
	Start, End        *Bound        // nil for none
	Apart             bool          // connected=f: an event that has none of the fields of a group may be in it
	Orphans           bool          // keeporphans=t: events that are in no group are rows
	Evicted           bool          // keepevicted=t: so are groups that are not closed
	Lists             bool          // mvlist=t: all values in order, and not the distinct ones
	Delim             string        // between the values of a list
	Null              string        // in a list, for an event without the field
}

// Bound says where a transaction starts or ends: a condition of the search command
// or an expression.
type Bound struct {
	Cond Expr
	Eval Ex
}

var _ = register("transaction", parseTransaction)

var transactionOptions = []string{"name", "maxspan", "maxpause", "maxevents", "startswith", "endswith", "connected",
	"unifyends", "keeporphans", "keepevicted", "mvlist", "mvraw", "delim", "nullstr", "maxopentxn", "maxopenevents",
	"fields"}

// maxInTransaction is how many events a transaction has at most, where the search
// does not say.
const maxInTransaction = 1000

func parseTransaction(p *parser, o Origin) (*Transaction, *Error) {
	x := &Transaction{Origin: o, MaxEvents: maxInTransaction, Null: "NULL", Delim: " "}
	for p.more() {
		p.space()
		w, at := strings.ToLower(p.peekWord()), p.i
		if w == "startswith" || w == "endswith" {
			if p.i += len(w); p.eat('=') {
				b, err := p.bound()
				if err != nil {
					return nil, err
				}
				if w == "startswith" {
					x.Start = b
				} else {
					x.End = b
				}
				continue
			}
			p.i = at
		}
		opt, err := p.option(transactionOptions...)
		switch {
		case err != nil:
		case opt.name != "":
			err = x.option(p, opt)
		default:
			var f string
			f, err = p.name(",()=[]")
			x.Fields = append(x.Fields, f)
		}
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// bound reads "a condition", (a condition), eval(an expression) or a word.
func (p *parser) bound() (*Bound, *Error) {
	p.space()
	at := p.i
	switch {
	case p.end():
		return nil, p.expected("a condition")
	case p.keyword("eval"):
		if !p.eat('(') {
			return nil, p.expected("an expression in parentheses after eval")
		}
		x, err := p.expression()
		if err == nil && !p.eat(')') {
			err = p.fault(at, "parenthesis", "is not closed")
		}
		return &Bound{Eval: x}, err
	case p.s[p.i] == '(':
		x, err := p.group()
		if err == nil {
			err = p.plainCondition(at, x)
		}
		return &Bound{Cond: x}, err
	case p.s[p.i] == '"':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		in := &parser{src: &source{search: text, text: text, spans: []span{{}}}, s: text, env: p.env, command: p.command}
		x, err := in.and()
		if err != nil || !in.done() {
			return nil, p.fault(at, "condition", "cannot be read")
		}
		return &Bound{Cond: x}, p.plainCondition(at, x)
	}
	w := p.until(wordEnd)
	if w == "" {
		return nil, p.expected("a condition")
	}
	return &Bound{Cond: &Term{Text: unescape(w)}}, nil
}

func (p *parser) plainCondition(at int, x Expr) *Error {
	if len(subsIn(x)) == 0 {
		return nil
	}
	return p.fault(at, "subsearch", "is not supported in the condition of a transaction")
}

func (b *Bound) String() string {
	if b.Eval != nil {
		return "eval(" + expressionText(b.Eval) + ")"
	}
	return "(" + conditionText(b.Cond) + ")"
}

func (x *Transaction) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "name", "maxopentxn", "maxopenevents":
		return nil
	case "fields":
		for f := range strings.FieldsFuncSeq(opt.value, func(r rune) bool { return r == ',' || r == ' ' }) {
			x.Fields = append(x.Fields, f)
		}
		return nil
	case "maxspan", "maxpause":
		return x.length(p, opt)
	case "maxevents":
		if x.MaxEvents, err = p.count(opt); err == nil && x.MaxEvents == 0 {
			err = p.badOption(opt)
		}
		return err
	case "delim":
		x.Delim = opt.value
		return nil
	case "nullstr":
		x.Null = opt.value
		return nil
	}
	return p.flags(opt, map[string]*bool{"keeporphans": &x.Orphans, "keepevicted": &x.Evicted, "mvlist": &x.Lists},
		map[string]*bool{"connected": &x.Apart})
}

// length reads maxspan and maxpause; -1 is none.
func (x *Transaction) length(p *parser, opt option) *Error {
	to := &x.MaxSpan
	if opt.name == "maxpause" {
		to = &x.MaxPause
	}
	if strings.HasPrefix(opt.value, "-1") {
		*to = 0
		return nil
	}
	s, ok := value.ParseSpan(opt.value)
	if n, err := strconv.Atoi(opt.value); !ok && err == nil && n > 0 && n < 1e9 {
		s, ok = value.Span{Every: time.Duration(n) * time.Second}, true
	}
	if !ok {
		return p.badOption(opt)
	}
	*to = lengthOf(s)
	return nil
}

func (x *Transaction) String() string {
	l := newLine(x.Origin).add(nameList(x.Fields))
	if x.MaxSpan > 0 {
		l.add("maxspan=" + spanText(value.Span{Every: x.MaxSpan}))
	}
	if x.MaxPause > 0 {
		l.add("maxpause=" + spanText(value.Span{Every: x.MaxPause}))
	}
	l.number("maxevents", x.MaxEvents, maxInTransaction)
	if x.Start != nil {
		l.add("startswith=" + x.Start.String())
	}
	if x.End != nil {
		l.add("endswith=" + x.End.String())
	}
	return l.flag("connected", !x.Apart, true).flag("keeporphans", x.Orphans, false).flag("keepevicted", x.Evicted, false).
		flag("mvlist", x.Lists, false).option("delim", x.Delim, " ").option("nullstr", x.Null, "NULL").String()
}

// Reads are the fields, and those of the conditions.
func (x *Transaction) Reads() []string {
	out := slices.Clone(x.Fields)
	for _, b := range []*Bound{x.Start, x.End} {
		switch {
		case b == nil:
		case b.Eval != nil:
			out = append(out, refsOf(b.Eval)...)
		default:
			out = append(out, conditionFields(b.Cond)...)
		}
	}
	return out
}

// transactionSets are the columns that a transaction has beside those of its events.
var transactionSets = []string{"duration", "eventcount", "closed_txn"}

// Sets are what is told of a group.
func (x *Transaction) Sets() []string { return transactionSets }

// Place is all rows of a search that is run whole.
func (x *Transaction) Place() Place { return Whole }

func (x *Transaction) compile(c *compiler, in shape) (step, shape, *Error) {
	run := transactionRun{x: x}
	var err *Error
	if run.starts, err = c.bound(x.Start); err == nil {
		run.ends, err = c.bound(x.End)
	}
	if err != nil {
		return step{}, in, err
	}
	known := in.names
	return step{wide: func(e *exec, rows []*rec) []*rec {
		one := run
		one.columns = columnsOf(e.q.named, known)
		return one.all(rows)
	}}, in.with(x.Sets()...), nil
}

func (c *compiler) bound(b *Bound) (func(*rec) bool, *Error) {
	switch {
	case b == nil:
		return nil, nil
	case b.Cond != nil:
		m := c.env.matcher(b.Cond)
		return func(r *rec) bool { return m.match(r) }, nil
	}
	f, err := c.expr(b.Eval)
	return func(r *rec) bool { return f(r).IsTrue() }, err
}
