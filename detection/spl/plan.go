package spl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Plan is a compiled search. It is read-only and may be used by many
// goroutines at once.
type Plan struct {
	search      string
	expanded    string
	fingerprint string
	filter      matcher
	stats       *Stats
	steps       []step
	columns     []string
}

// Compile expands, parses and plans a search. An error is an *Error.
//
// A search must aggregate, once: terms, then stats, then commands on rows.
func Compile(search string, m Macros) (*Plan, error) {
	pipe, text, err := parse(search, m)
	if err != nil {
		return nil, err
	}
	p := &Plan{search: search, expanded: text}
	if err := p.plan(pipe); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text))
	p.fingerprint = hex.EncodeToString(sum[:8])
	return p, nil
}

func (p *Plan) plan(pipe Pipeline) *Error {
	i := slices.IndexFunc(pipe, func(c Command) bool { _, ok := c.(*Stats); return ok })
	if i < 0 {
		return refuse(pipe[len(pipe)-1], "search", "has no stats: one that returns the events themselves is not supported")
	}
	var filter every
	for _, c := range pipe[:i] {
		s, ok := c.(*Search)
		if !ok {
			return refuse(c, "", "is not supported before stats")
		}
		filter = append(filter, compileExpr(s.Expr))
	}
	p.filter = filter
	if len(filter) == 1 {
		p.filter = filter[0]
	}
	p.stats = pipe[i].(*Stats)
	p.columns = slices.Clone(p.stats.By)
	for _, a := range p.stats.Aggs {
		p.columns = append(p.columns, a.As)
	}
	return p.planRows(pipe[i+1:])
}

func (p *Plan) planRows(pipe Pipeline) *Error {
	for _, c := range pipe {
		apply, columns := planRow(c, p.columns)
		if apply == nil {
			return refuse(c, "", "is not supported after stats")
		}
		p.steps = append(p.steps, step{apply, c.origin().inFilter()})
		p.columns = columns
	}
	return nil
}

func refuse(c Command, subject, reason string) *Error {
	o := c.origin()
	if subject == "" {
		subject = fmt.Sprintf("command %q", o.Name)
	}
	e := &Error{Command: o.Name, Pos: o.Pos, Subject: subject, Reason: reason}
	if n := len(o.Macros); n > 0 {
		e.Macro = o.Macros[n-1]
	}
	return e
}

// Search is the search as it was given.
func (p *Plan) Search() string { return p.search }

// Expanded is the search with its macros put in.
func (p *Plan) Expanded() string { return p.expanded }

// Fingerprint is the same for searches that are the same text once their
// macros are put in. Rows and states of another fingerprint are stale.
func (p *Plan) Fingerprint() string { return p.fingerprint }

// Columns are the names of a row's columns, in order: the BY fields, then the
// aggregates, under the names that rename and convert give them.
func (p *Plan) Columns() []string { return slices.Clone(p.columns) }

// By are the names of the BY fields as stats has them.
func (p *Plan) By() []string { return slices.Clone(p.stats.By) }

// Matches says whether an event passes what stands before stats.
func (p *Plan) Matches(e Event) bool { return p.filter.match(e) }

// Key is the values of the BY fields, with their case. When some are missing
// the event is in no row, and missing names them; an event without a time is
// in no row either, and missing names _time.
func (p *Plan) Key(e Event) (key, missing []string) {
	key = make([]string, len(p.stats.By))
	for i, f := range p.stats.By {
		v, ok := lookup(e, f)
		if !ok {
			missing = append(missing, f)
		}
		key[i] = v
	}
	if e.Time().IsZero() && !slices.Contains(missing, timeField) {
		missing = append(missing, timeField)
	}
	if missing != nil {
		return nil, missing
	}
	return key, nil
}
