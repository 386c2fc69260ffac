package spl

import (
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Join gives each row the columns of the rows of a subsearch that have the same
// values in Fields.
type Join struct {
	Origin
	Fields  []string // nil: the columns that both have
	Outer   bool     // type=outer, left: rows without a match stay
	Keep    bool     // overwrite=f: columns of the row itself stay
	UseTime bool     // usetime=t: of rows that match only those before (or after) it
	Later   bool     // earlier=f: those after
	Max     int      // how many rows of the subsearch a row is joined with; 0: all
	Sub     *Sub

	Left, Right string      // left=, right=: what stands before the columns of each side
	Equal       [][2]string // where: columns of the left side and of the right that are equal
}

var _ = register("join", parseJoin)

func parseJoin(p *parser, o Origin) (*Join, *Error) {
	x := &Join{Origin: o, Max: 1}
	for !p.end() && p.s[p.i] != '[' {
		opt, err := p.optionTo(",[", "type", "overwrite", "usetime", "earlier", "max", "left", "right")
		switch {
		case err != nil:
		case opt.name != "":
			err = x.option(p, opt)
		case p.eat(','):
		case x.Left != "" && x.Right != "" && p.keyword("where"):
			err = x.where(p)
		default:
			var f string
			if f, err = p.name(",()=[]"); err == nil && !slices.Contains(x.Fields, f) {
				x.Fields = append(x.Fields, f)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if x.Left+x.Right != "" && (x.Equal == nil || x.Fields != nil) {
		return nil, p.expected("both left and right, and where left.a=right.b in the place of fields")
	}
	var err *Error
	x.Sub, err = p.subsearch()
	return x, err
}

// where reads left.a=right.b, several with AND or nothing between.
func (x *Join) where(p *parser) *Error {
	for !p.end() && p.s[p.i] != '[' {
		at := p.i
		a, err := p.name(",()=[]")
		if err == nil && !p.eat('=') {
			err = p.expected("=")
		}
		if err != nil {
			return err
		}
		b, err := p.name(",()=[]")
		if err != nil {
			return err
		}
		l, left := strings.CutPrefix(a, x.Left+".")
		r, right := strings.CutPrefix(b, x.Right+".")
		if !left || !right {
			if l, left = strings.CutPrefix(b, x.Left+"."); left {
				r, right = strings.CutPrefix(a, x.Right+".")
			}
		}
		if !left || !right {
			return p.fault(at, strconv.Quote(a+"="+b), "stands where "+x.Left+".FIELD="+x.Right+".FIELD is needed")
		}
		x.Equal = append(x.Equal, [2]string{l, r})
		p.word1("AND")
	}
	return nil
}

func (x *Join) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "left":
		x.Left = opt.value
		return nil
	case "right":
		x.Right = opt.value
		return nil
	case "type":
		switch strings.ToLower(opt.value) {
		case "inner":
			x.Outer = false
		case "outer", "left":
			x.Outer = true
		default:
			return p.badOption(opt)
		}
		return nil
	case "max":
		x.Max, err = p.count(opt)
		return err
	}
	return p.flags(opt, map[string]*bool{"usetime": &x.UseTime},
		map[string]*bool{"overwrite": &x.Keep, "earlier": &x.Later})
}

func (x *Join) String() string {
	l := newLine(x.Origin)
	if x.Outer {
		l.add("type=outer")
	}
	return l.flag("overwrite", !x.Keep, true).flag("usetime", x.UseTime, false).flag("earlier", !x.Later, true).
		number("max", x.Max, 1).option("left", x.Left, "").option("right", x.Right, "").
		add(nameList(x.Fields), x.whereText(), x.Sub.String()).String()
}

func (x *Join) whereText() string {
	var out []string
	for _, e := range x.Equal {
		out = append(out, nameText(x.Left+"."+e[0])+"="+nameText(x.Right+"."+e[1]))
	}
	if out == nil {
		return ""
	}
	return "where " + strings.Join(out, " AND ")
}

// Reads are the fields that are compared.
func (x *Join) Reads() []string {
	out := slices.Clone(x.Fields)
	for _, e := range x.Equal {
		out = append(out, e[0])
	}
	return out
}

// Sets is not known before the subsearch has run.
func (x *Join) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Join) Place() Place { return Whole }

func (x *Join) subs() []*Sub { return []*Sub{x.Sub} }

func (x *Join) compile(c *compiler, in shape) (step, shape, *Error) {
	right := c.nested[0]
	out := in.with(right.out.names...)
	if x.Equal != nil {
		out = shape{names: prefixed(x.Left, in.names)}.with(prefixed(x.Right, right.out.names)...)
	}
	out.open = in.open || right.out.open
	out.rows = out.open && (x.Equal != nil || (in.rows || !in.open) && (right.out.rows || !right.out.open))
	return step{wide: func(e *exec, rows []*rec) []*rec {
		if len(rows) == 0 {
			return nil
		}
		limit := e.opt.Limits
		return x.join(e, rows, e.sub(right, limit.JoinRows, limit.SubTime), in, right.out)
	}}, out, nil
}

func prefixed(by string, names []string) (out []string) {
	for _, n := range names {
		out = append(out, by+"."+n)
	}
	return out
}

// under gives the columns of rows a prefix.
func under(by string, rows []*rec) []*rec {
	out := make([]*rec, len(rows))
	for i, r := range rows {
		one := *r
		one.e, one.shut, one.cells, one.hide, one.fill = nil, true, nil, nil, nil
		for name := range r.names() {
			one.cells = append(one.cells, cell{by + "." + name, r.value(name)})
		}
		out[i] = &one
	}
	return out
}

func (x *Join) join(e *exec, rows, right []*rec, in, rin shape) (out []*rec) {
	fields := x.fields(rows, right)
	on := fields
	if x.Equal != nil {
		rows, right = under(x.Left, rows), under(x.Right, right)
		fields, on = nil, nil
		for _, eq := range x.Equal {
			fields, on = append(fields, x.Left+"."+eq[0]), append(on, x.Right+"."+eq[1])
		}
	}
	if len(fields) == 0 && len(right) > 0 {
		e.tell("warn", x.Pos, "the rows of join and of its subsearch have no column in common, so none is joined")
	}
	by := map[string][]*rec{}
	if len(fields) > 0 {
		for _, r := range right {
			for _, id := range r.tuples(on) {
				by[id] = append(by[id], r)
			}
		}
	}
	for _, r := range rows {
		got := x.matches(r, by, fields)
		if len(got) == 0 && x.Outer {
			out = append(out, r)
		}
		for i, m := range got {
			one := r
			if i < len(got)-1 {
				one = r.clone()
			}
			if len(got) > 1 {
				one.id = r.id*value.MaxList + i
			}
			out = append(out, one)
			if len(out) > e.opt.Limits.Rows {
				e.full(x)
				return out
			}
			x.put(one, m)
		}
	}
	return out
}

// matches are the rows of the subsearch that a row is joined with, in their
// order.
func (x *Join) matches(r *rec, by map[string][]*rec, fields []string) (out []*rec) {
	if len(fields) == 0 {
		return nil
	}
	for _, id := range r.tuples(fields) {
		for _, m := range by[id] {
			switch {
			case x.Max > 0 && len(out) == x.Max:
				return out
			case x.UseTime && !x.inTime(r, m) || slices.Contains(out, m):
				continue
			}
			out = append(out, m)
		}
	}
	return out
}

func (x *Join) inTime(r, m *rec) bool {
	a, ok1 := epochOf(r.value(timeField))
	b, ok2 := epochOf(m.value(timeField))
	if !ok1 || !ok2 {
		return true
	}
	return b.Equal(a) || b.Before(a) != x.Later
}

// fields are those named, or those that both sides have.
func (x *Join) fields(rows, right []*rec) []string {
	if x.Fields != nil || len(right) == 0 {
		return x.Fields
	}
	has := shapeOf(right).names
	var out []string
	for _, n := range shapeOf(rows).names {
		if slices.Contains(has, n) && !strings.HasPrefix(n, "_") {
			out = append(out, n)
		}
	}
	return out
}

// put gives a row the columns of another.
func (x *Join) put(r, from *rec) {
	for name := range from.names() {
		v := from.value(name)
		switch {
		case strings.HasPrefix(name, "_") && !r.value(name).IsNull():
		case slices.Contains(x.Fields, name):
		case x.Keep && !r.value(name).IsNull():
		default:
			r.set(name, v)
		}
	}
}

// tuples are the combinations of some fields' values as texts to compare by:
// several where fields have several values, none where one is null.
func (r *rec) tuples(fields []string) []string {
	out := []string{""}
	for _, f := range fields {
		l := r.value(f).List()
		var next []string
		for _, id := range out {
			for _, v := range l {
				if len(next) < maxParts {
					next = append(next, string(AppendKeyText([]byte(id), v)))
				}
			}
		}
		out = next
	}
	return out
}
