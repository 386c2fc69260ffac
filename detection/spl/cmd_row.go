package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// step is a compiled command. One of its three forms is set.
type step struct {
	one  func(*rec) bool             // works on a row by itself and says whether it stays
	many func(*rec, func(*rec) bool) // makes any number of rows of one, until it is told false
	all  func(rows []*rec) []*rec    // needs all rows, in order
	name string                      // of the command
	at   *Origin
	sort bool // changes the order of rows and nothing else
}

// shape is what is known of the columns at a place of the pipeline: their
// names, when they are known (open is false), in order.
type shape struct {
	names []string
	open  bool
}

func (s shape) with(names ...string) shape {
	out := slices.Clone(s.names)
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return shape{out, s.open}
}

// row compiles a command that works on rows one by one. done is false when it
// is not such a command.
func (c *compiler) row(cmd Command, in shape) (st step, out shape, done bool, err *Error) {
	out = in
	switch x := cmd.(type) {
	case *Search:
		m := c.env.matcher(x.Expr)
		st.one = func(r *rec) bool { return m.match(r) }
	case *Where:
		f, e := c.expr(x.Cond)
		st.one, err = func(r *rec) bool { return f(r).IsTrue() }, e
	case *Eval:
		st.one, out, err = c.eval(x, in)
	case *Rename:
		st.one, out = renamer(x, in)
	case *Convert:
		st.one, out = x.step(in)
	case *Columns:
		st.one, out = x.step(in)
	case *FillNull:
		st.one, out = x.step(in)
	case *Rex:
		st.one, out = x.step(in)
	case *Regex:
		st.one = func(r *rec) bool {
			v := r.value(x.Field)
			return !v.IsNull() && v.AnyText(x.RE.MatchString) != x.Not || v.IsNull() && x.Not
		}
	case *Bin:
		st.one, out = x.step(in)
	case *MakeMV:
		st.one = x.apply
	case *AddTotals:
		st.one, out = x.step(in)
	case *Paths:
		st.one, out, err = c.paths(x, in)
	case *LookupCmd:
		st.one, out, err = c.lookup(x, in)
	case *Nothing:
		st.one = func(*rec) bool { return true }
	case *Expand:
		st.many = x.apply
	default:
		return st, in, false, nil
	}
	st.name, st.at = cmd.origin().Name, cmd.origin()
	return st, out, true, err
}

func (c *compiler) eval(x *Eval, in shape) (func(*rec) bool, shape, *Error) {
	fs := make([]evalFn, len(x.Sets))
	for i, s := range x.Sets {
		f, err := c.expr(s.X)
		if err != nil {
			return nil, in, err
		}
		fs[i] = f
		in = in.with(s.Field)
	}
	return func(r *rec) bool {
		for i, f := range fs {
			r.set(x.Sets[i].Field, f(r))
		}
		return true
	}, in, nil
}

// renamer renames columns. While the columns are not known, wildcards are
// resolved against the fields that commands have set.
func renamer(x *Rename, in shape) (func(*rec) bool, shape) {
	if in.open {
		return func(r *rec) bool {
			var names []string
			for _, c := range r.cells {
				names = append(names, c.name)
			}
			rename(r, x.resolve(names))
			return true
		}, in.renamed(x.Pairs)
	}
	pairs := x.resolve(in.names)
	return func(r *rec) bool {
		rename(r, pairs)
		return true
	}, in.renamed(pairs)
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

func (x *Columns) step(in shape) (func(*rec) bool, shape) {
	if x.Drop {
		out := shape{open: in.open}
		for _, n := range in.names {
			if !matchesAny(x.Names, n) {
				out.names = append(out.names, n)
			}
		}
		var globs []glob
		for _, n := range x.Names {
			globs = append(globs, glob(n))
		}
		return func(r *rec) bool {
			r.cells = slices.DeleteFunc(r.cells, func(c cell) bool { return matchesAny(x.Names, c.name) })
			r.hide = append(r.hide[:len(r.hide):len(r.hide)], globs...)
			return true
		}, out
	}
	keep := pick(x.Names, in.names)
	if in.open && slices.ContainsFunc(x.Names, func(n string) bool { return strings.Contains(n, "*") }) {
		keep = nil // the columns stay unknown
		return func(*rec) bool { return true }, in
	}
	out := shape{names: keep}
	if !x.Order && !in.open { // fields leaves the order
		out.names = slices.DeleteFunc(slices.Clone(in.names), func(n string) bool { return !slices.Contains(keep, n) && n != timeField })
	}
	return func(r *rec) bool {
		cells := make([]cell, 0, len(keep)+1)
		for _, n := range keep {
			if v := r.value(n); !v.IsNull() {
				cells = append(cells, cell{n, v})
			}
		}
		if v := r.value(timeField); !x.Order && !v.IsNull() && !slices.Contains(keep, timeField) {
			cells = append(cells, cell{timeField, v})
		}
		r.cells, r.shut, r.fill = cells, true, nil
		return true
	}, out
}

func matchesAny(names []string, n string) bool {
	return slices.ContainsFunc(names, func(g string) bool { return glob(g).match(n) })
}

func (x *FillNull) step(in shape) (func(*rec) bool, shape) {
	names := pick(x.Names, in.names)
	if x.Names == nil {
		if in.open {
			return func(r *rec) bool { r.fill = &x.Value; r.dropNulls(); return true }, in
		}
		names = in.names
	}
	return func(r *rec) bool {
		for _, n := range names {
			if v := r.value(n); v.IsNull() {
				r.set(n, value.Text(x.Value))
			}
		}
		return true
	}, in.with(names...)
}

// dropNulls forgets which fields were made null, so that they are filled.
func (r *rec) dropNulls() {
	r.cells = slices.DeleteFunc(r.cells, func(c cell) bool { return c.v.IsNull() })
}

func (x *AddTotals) step(in shape) (func(*rec) bool, shape) {
	names := x.Names
	if names == nil {
		names = in.names
	}
	return func(r *rec) bool {
		sum, any := 0.0, false
		for _, n := range pick(names, in.names) {
			for _, s := range r.value(n).List() {
				if f, ok := value.ParseFloat(s); ok {
					sum, any = sum+f, true
				}
			}
		}
		if any {
			r.set(x.As, value.Num(sum))
		}
		return true
	}, in.with(x.As)
}
