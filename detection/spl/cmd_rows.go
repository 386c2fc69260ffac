package spl

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// id1 is the row's key: that of its group, or the BY values of the last
// aggregation, and a number where mvexpand made several of one.
func (r *rec) id1() []string {
	if r.id == 0 {
		return r.key
	}
	return append(slices.Clone(r.key), strconv.Itoa(r.id))
}

// rows compiles a command that needs all rows.
func (c *compiler) rows(cmd Command, in shape) (st step, out shape, done bool, err *Error) {
	out = in
	switch x := cmd.(type) {
	case *Stats:
		st.all, out, err = c.stats(x, in)
	case *Sort:
		st.all, st.sort = x.apply, x.Limit == 0 || x.Limit == sortLimit
	case *Reverse:
		st.all, st.sort = func(rows []*rec) []*rec { slices.Reverse(rows); return rows }, true
	case *Head:
		st.all = x.apply
	case *Dedup:
		st.all = x.apply
	case *Combine:
		st.all = func(rows []*rec) []*rec { return x.apply(rows, in.names) }
	case *Top:
		st.all, out = x.apply, x.shape()
	default:
		return st, in, false, nil
	}
	st.name, st.at = cmd.origin().Name, cmd.origin()
	return st, out, true, err
}

// sortLimit is how many rows sort keeps when it is given no number.
const sortLimit = 10_000

func (x *Sort) apply(rows []*rec) []*rec {
	sortRows(rows, x.Keys)
	if x.Limit > 0 && len(rows) > x.Limit {
		rows = rows[:x.Limit]
	}
	return rows
}

func sortRows(rows []*rec, keys []SortKey) {
	slices.SortStableFunc(rows, func(a, b *rec) int {
		for _, k := range keys {
			c := compareKey(k, a.value(k.Field), b.value(k.Field))
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

// compareKey puts rows without the field last, whichever the direction.
func compareKey(k SortKey, a, b value.Value) int {
	if a.IsNull() || b.IsNull() {
		return cmp.Compare(null1(a), null1(b))
	}
	c := 0
	switch k.How {
	case "str":
		c = strings.Compare(a.Text(), b.Text())
	case "ip":
		x, _ := netip.ParseAddr(a.Text())
		y, _ := netip.ParseAddr(b.Text())
		c = x.Compare(y)
	default:
		c = compareMixed(a.Text(), b.Text())
	}
	if k.Desc {
		return -c
	}
	return c
}

func null1(v value.Value) int {
	if v.IsNull() {
		return 1
	}
	return 0
}

func (x *Head) apply(rows []*rec) []*rec {
	n := min(x.N, len(rows))
	if !x.Tail {
		return rows[:n]
	}
	rows = rows[len(rows)-n:]
	slices.Reverse(rows)
	return rows
}

// tuple is the values of some fields as one string; ok is false when one is
// null.
func (r *rec) tuple(fields []string) (id string, key []string, ok bool) {
	for _, f := range fields {
		v := r.value(f)
		if v.IsNull() {
			return "", nil, false
		}
		key = append(key, v.Text())
	}
	return KeyText(key), key, true
}

func (x *Dedup) apply(rows []*rec) []*rec {
	if x.Sort != nil {
		sortRows(rows, x.Sort)
	}
	seen := map[string]int{}
	last := ""
	return slices.DeleteFunc(rows, func(r *rec) bool {
		id, _, ok := r.tuple(x.Fields)
		if !ok {
			return !x.KeepEmpty
		}
		if x.Run && id != last {
			clear(seen)
		}
		last = id
		seen[id]++
		return seen[id] > x.N
	})
}

// apply joins rows that are equal but for one field.
func (x *Combine) apply(rows []*rec, columns []string) []*rec {
	first := map[string]*rec{}
	var out []*rec
	for _, r := range rows {
		var key []string
		for _, c := range columns {
			if c != x.Field {
				v := r.value(c)
				key = append(key, strconv.Itoa(int(v.Kind())), v.Text())
			}
		}
		id := KeyText(key)
		old := first[id]
		if old == nil || r.value(x.Field).IsNull() {
			first[id] = r
			out = append(out, r)
			continue
		}
		l := append(slices.Clone(old.value(x.Field).List()), r.value(x.Field).List()...)
		old.set(x.Field, value.ListOf(l))
		old.from = append(old.from, r.from...)
	}
	return out
}

func (x *Top) shape() shape {
	s := shape{names: append(slices.Clone(x.By), x.Fields...)}
	for _, n := range []string{x.Count, x.Share} {
		if n != "" {
			s = s.with(n)
		}
	}
	return s
}

func (x *Top) apply(rows []*rec) []*rec {
	fields := append(slices.Clone(x.By), x.Fields...)
	counts := map[string]*rec{}
	total := map[string]int64{}
	var all []*rec
	for _, r := range rows {
		id, key, ok := r.tuple(fields)
		if !ok {
			continue
		}
		if counts[id] == nil {
			c := &rec{shut: true, key: key, clock: r.clock}
			for i, f := range fields {
				c.cells = append(c.cells, cell{f, value.Text(key[i])})
			}
			counts[id] = c
			all = append(all, c)
		}
		c := counts[id]
		c.weight += r.weight
		c.from = append(c.from, r.from...)
		total[KeyText(key[:len(x.By)])] += r.weight
	}
	return x.best(all, total)
}

// best keeps the N most, or least, frequent tuples within each BY tuple.
func (x *Top) best(all []*rec, total map[string]int64) []*rec {
	n := len(x.By)
	slices.SortStableFunc(all, func(a, b *rec) int {
		c := cmp.Compare(b.weight, a.weight)
		if x.Least {
			c = -c
		}
		return cmp.Or(slices.Compare(a.key[:n], b.key[:n]), c, slices.Compare(a.key, b.key))
	})
	seen := map[string]int{}
	var out []*rec
	for _, r := range all {
		id := KeyText(r.key[:n])
		if seen[id]++; x.N > 0 && seen[id] > x.N {
			continue
		}
		if x.Count != "" {
			r.set(x.Count, value.Num(float64(r.weight)))
		}
		if x.Share != "" {
			r.set(x.Share, value.Text(strconv.FormatFloat(100*float64(r.weight)/float64(total[id]), 'f', 6, 64)))
		}
		r.weight = 1
		out = append(out, r)
	}
	return out
}
