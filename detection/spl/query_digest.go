package spl

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"escutcheon/detection/spl/value"
)

// digest says that a command which works on all rows asks nothing of them but some
// fields, and not their order: rows that say the same can be held as one.
type digest struct {
	fields []string
	// bin is the start of the bin that a time is in, where bins are known.
	bin func(time.Time) time.Time
	// unit is how far down times may be rounded when they span so much; nil where
	// _time is asked for as it is, if at all.
	unit func(span time.Duration) time.Duration
}

// units are those that times are rounded down to: of the spans of tables, all that
// are no shorter are multiples of them.
var units = []time.Duration{time.Hour, time.Minute, time.Second}

// digest of a pivot: nil where an aggregate looks at the time or the order of rows.
func (x *pivot) digest() *digest {
	for _, a := range x.Aggs {
		if !slices.Contains(timeless, a.Func) || a.Expr != nil && asksMore(a.Expr) {
			return nil
		}
	}
	fields := x.Reads()
	slices.Sort(fields)
	return &digest{fields: slices.Compact(fields)}
}

// asksMore says whether an expression may look at what it does not name.
func asksMore(x Ex) (any bool) {
	walkEx(x, func(x Ex) { any = any || asksWords(x) })
	return any
}

// digest of a timechart rounds times down to what its bins are made of.
func (x *Timechart) digest() *digest {
	d := x.pivot.digest()
	if d == nil || slices.ContainsFunc(x.Aggs, func(a Agg) bool { return a.Field == timeField || a.Expr != nil }) ||
		x.Col == timeField {
		return nil
	}
	if !slices.Contains(d.fields, timeField) {
		d.fields = append(d.fields, timeField)
	}
	if x.Span != (value.Span{}) {
		d.bin = x.Span.Floor
		return d
	}
	d.unit = func(span time.Duration) time.Duration {
		for _, u := range units {
			if u <= span/time.Duration(max(x.Bins, 1)) {
				return u
			}
		}
		return 0
	}
	return d
}

// digested holds rows by what they say.
type digested struct {
	*digest
	rows     map[string]*rec
	from, to time.Time
	unit     time.Duration // that times are rounded down to
	key      []byte
}

func newDigested(d *digest) *digested { return &digested{digest: d, rows: map[string]*rec{}} }

// coarse is from how many rows on times are rounded down.
const coarse = 20_000

// push takes a row in; it returns the row that is held for it, where that is new, and
// whether all rows were put together anew before.
func (d *digested) push(r *rec) (held *rec, anew bool) {
	if d.digest.unit != nil && len(d.rows) >= coarse {
		anew = d.round()
	}
	out := &rec{shut: true, weight: r.weight, clock: r.clock, first: r.first, count: r.count, meter: r.meter}
	for _, name := range d.fields {
		v := r.value(name)
		if name == timeField && (d.bin != nil || d.digest.unit != nil) {
			t, ok := epochOf(v)
			if !ok {
				return nil, anew // it is in no row
			}
			d.span(t)
			v = value.Text(value.FormatEpoch(d.floor(t).UnixNano()))
		}
		if !v.IsNull() {
			out.cells = append(out.cells, cell{name, v})
		}
	}
	if !d.put(out) {
		return nil, anew
	}
	return out, anew
}

func (d *digested) span(t time.Time) {
	if d.from.IsZero() || t.Before(d.from) {
		d.from = t
	}
	if d.to.IsZero() || t.After(d.to) {
		d.to = t
	}
}

func (d *digested) floor(t time.Time) time.Time {
	switch {
	case d.bin != nil:
		return d.bin(t)
	case d.unit == 0:
		return t
	}
	return time.Unix(0, value.FloorTo(t.UnixNano(), int64(d.unit))).UTC()
}

// put adds a row to those held; false when one says the same.
func (d *digested) put(r *rec) bool {
	d.key = d.key[:0]
	for _, name := range d.fields {
		l := r.value(name).List()
		d.key = binary.AppendUvarint(d.key, uint64(len(l)))
		for _, v := range l {
			d.key = append(binary.AppendUvarint(d.key, uint64(len(v))), v...)
		}
	}
	o := d.rows[string(d.key)]
	if o == nil {
		d.rows[string(d.key)] = r
		return true
	}
	o.weight, o.count = o.weight+r.weight, o.count+r.count
	o.clock, o.first = max(o.clock, r.clock), min(o.first, r.first)
	return false
}

// round rounds the times of all rows down, where that gives the same table.
func (d *digested) round() bool {
	unit := d.digest.unit(d.to.Sub(d.from))
	if unit <= d.unit {
		return false
	}
	d.unit = unit
	all := d.rows
	d.rows = map[string]*rec{}
	for _, r := range all {
		t, _ := epochOf(r.value(timeField))
		r.set(timeField, value.Text(value.FormatEpoch(d.floor(t).UnixNano())))
		d.put(r)
	}
	return true
}

// list are the rows held, the newest first.
func (d *digested) list() []*rec {
	out := make([]*rec, 0, len(d.rows))
	for _, r := range d.rows {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *rec) int { return cmp.Or(newer(a, b), compareRecs(a, b)) })
	return out
}
