package spl

import (
	"fmt"
	"strings"

	"escutcheon/detection/spl/value"
)

// Rename gives columns other names, one pair after the other.
type Rename struct {
	Origin
	Pairs []RenamePair
}

// RenamePair is A AS B; both may hold the same number of wildcards.
type RenamePair struct{ From, To string }

var _ = register("rename", parseRename)

func parseRename(p *parser, o Origin) (*Rename, *Error) {
	rn := &Rename{Origin: o}
	for {
		p.space()
		at := p.i
		from, err := p.name(",=")
		if err != nil {
			return nil, err
		}
		if !p.keyword("as") {
			return nil, p.expected("AS")
		}
		to, err := p.name(",=")
		if err != nil {
			return nil, err
		}
		if n := strings.Count(to, "*"); n > 0 && n != strings.Count(from, "*") {
			return nil, p.fault(at, fmt.Sprintf("%q AS %q", from, to), "has not the same number of wildcards on both sides")
		}
		rn.Pairs = append(rn.Pairs, RenamePair{from, to})
		if p.eat(','); p.end() {
			return rn, nil
		}
	}
}

func (x *Rename) String() string {
	out := make([]string, len(x.Pairs))
	for i, p := range x.Pairs {
		out[i] = nameText(p.From) + " as " + nameText(p.To)
	}
	return "rename " + strings.Join(out, ", ")
}

// Reads are the names on the left.
func (x *Rename) Reads() (out []string) {
	for _, p := range x.Pairs {
		out = append(out, p.From)
	}
	return out
}

// Sets are the names on the right.
func (x *Rename) Sets() (out []string) {
	for _, p := range x.Pairs {
		out = append(out, p.To)
	}
	return out
}

// names are the names pair by pair.
func (x *Rename) names() (out []string) {
	for _, p := range x.Pairs {
		out = append(out, p.From, p.To)
	}
	return out
}

// Place is a row by itself.
func (x *Rename) Place() Place { return EachRow }

// compile resolves wildcards: while the columns are not known, against the
// fields that commands have set.
func (x *Rename) compile(_ *compiler, in shape) (step, shape, *Error) {
	if in.open {
		return change(func(r *rec) {
			var names []string
			for _, c := range r.cells {
				names = append(names, c.name)
			}
			rename(r, x.resolve(names))
		}), in.renamed(x.Pairs), nil
	}
	pairs := x.resolve(in.names)
	return change(func(r *rec) { rename(r, pairs) }), in.renamed(pairs), nil
}

// rename moves values. A column that had the name before goes, even when
// there is none to rename: so does Splunk.
func rename(r *rec, pairs []RenamePair) {
	for _, p := range pairs {
		if p.From != p.To {
			v := r.value(p.From)
			r.set(p.From, value.Null)
			r.set(p.To, v)
		}
	}
}

// resolve turns pairs with wildcards into one pair for each column they name.
func (x *Rename) resolve(columns []string) []RenamePair {
	var out []RenamePair
	for _, p := range x.Pairs {
		if !strings.Contains(p.From, "*") {
			out = append(out, p)
			columns = renameColumn(columns, p)
			continue
		}
		for _, name := range columns {
			if got, ok := capture(p.From, name); ok {
				one := RenamePair{name, fill(p.To, got)}
				out = append(out, one)
				columns = renameColumn(columns, one)
			}
		}
	}
	return out
}

func (s shape) renamed(pairs []RenamePair) shape {
	for _, p := range pairs {
		if strings.Contains(p.To, "*") {
			continue
		}
		s.names = renameColumn(s.names, p)
		if s.open {
			s = s.with(p.To)
		}
	}
	return s
}

// renameColumn gives a column another name in its place. A column that had
// the name before goes, even when there is no column to rename.
func renameColumn(columns []string, p RenamePair) []string {
	if p.From == p.To {
		return columns
	}
	var out []string
	for _, c := range columns {
		switch c {
		case p.To:
		case p.From:
			out = append(out, p.To)
		default:
			out = append(out, c)
		}
	}
	return out
}
