package spl

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// pivot is what chart and timechart have in common: aggregates for each value of
// a row field, and for each value of a column field columns of their own.
type pivot struct {
	Aggs     []Agg
	Row, Col string // "" for none
	Limit    int    // columns of the greatest (or least) sums; 0 for all
	Bottom   bool
	Other    bool // the others together are one more
	Nulls    bool // rows without the column field have one
	OtherAs  string
	NullAs   string
	Sep      string
	Span     value.Span // of the row field _time
	Number   float64    // of another row field
	Where    *PivotWhere
}

var everyPivot = pivot{Limit: 10, Other: true, Nulls: true, OtherAs: "OTHER", NullAs: "NULL", Sep: ": "}

var pivotOptions = []string{"limit", "useother", "usenull", "otherstr", "nullstr", "sep", "cont", "format", "agg"}

// option reads an option of either command.
func (x *pivot) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "limit":
		return x.limit(p, opt)
	case "otherstr":
		x.OtherAs = opt.value
	case "nullstr":
		x.NullAs = opt.value
	case "sep":
		x.Sep = opt.value
	case "useother":
		x.Other, err = p.truth(opt)
	case "usenull":
		x.Nulls, err = p.truth(opt)
	case "cont":
		_, err = p.truth(opt)
	default:
		err = p.unsupported(opt)
	}
	return err
}

// limit reads 5, top5 or bottom5.
func (x *pivot) limit(p *parser, opt option) (err *Error) {
	low := strings.ToLower(opt.value)
	if rest, ok := strings.CutPrefix(low, "bottom"); ok {
		x.Bottom, low = true, rest
	}
	opt.value = strings.TrimSpace(strings.TrimPrefix(low, "top"))
	x.Limit, err = p.count(opt)
	return err
}

// span reads how wide the bins of the row field are.
func (x *pivot) span(p *parser, opt option) *Error {
	s, ok := value.ParseSpan(opt.value)
	n, number := value.ParseFloat(opt.value)
	switch {
	case ok:
		x.Span = s
	case number && n > 0:
		x.Number = n
	default:
		return p.badOption(opt)
	}
	return nil
}

func (x *pivot) options(l *line) *line {
	limit := strconv.Itoa(x.Limit)
	if x.Bottom {
		limit = "bottom" + limit
	}
	return l.option("limit", limit, strconv.Itoa(everyPivot.Limit)).flag("useother", x.Other, true).
		flag("usenull", x.Nulls, true).option("otherstr", x.OtherAs, everyPivot.OtherAs).
		option("nullstr", x.NullAs, everyPivot.NullAs).option("sep", x.Sep, everyPivot.Sep)
}

func (x *pivot) spanText() string {
	switch {
	case x.Span != value.Span{}:
		return "span=" + spanText(x.Span)
	case x.Number > 0:
		return "span=" + numberText(x.Number)
	}
	return ""
}

// Reads are the fields of the rows and columns, and what is aggregated.
func (x *pivot) Reads() []string {
	a := Aggregation{Aggs: x.Aggs}
	for _, f := range []string{x.Row, x.Col} {
		if f != "" {
			a.By = append(a.By, f)
		}
	}
	return a.Reads()
}

// Sets is known only when the columns are.
func (x *pivot) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *pivot) Place() Place { return Whole }

func (x *pivot) names() []string { return x.Reads() }

// later says whether wildcards stand for columns that are not known yet.
func (x *pivot) later(shape) bool { return (&Aggregation{Aggs: x.Aggs}).later(shape{}) }

// pivotRun is a pivot that runs.
type pivotRun struct {
	*pivot
	run   *statsRun
	cells map[string]map[string]*tally // by row, then by column
	rows  []string
	cols  []string
	known map[string]bool // the columns
	cut   bool            // there were too many
}

// maxPivot bounds a table, in cells.
const maxPivot = 2_000_000

// fit leaves out the columns for which there is no room in a table of so many rows.
func (p *pivotRun) fit(rows int) {
	most := max(maxPivot/max(rows*len(p.run.aggs), 1), 1)
	if p.cut = p.cut || len(p.cols) > most; p.cut && len(p.cols) > most {
		p.cols = p.cols[:most]
	}
}

// tell says where a table was too large.
func (p *pivotRun) tell(e *exec, o Origin) {
	if p.cut {
		e.cut(o.Pos, "the table of %s has more than %d cells: the first columns are shown", o.Name, maxPivot)
	}
}

// all makes the table, of so many rows at least. rowOf is a row's value of the row field, and false for one
// that is in no row.
func (x *pivot) all(aggs []aggPlan, rows []*rec, least int, rowOf func(*rec) []string) (*pivotRun, []*rec) {
	p := &pivotRun{pivot: x, run: &statsRun{Aggregation: &Aggregation{}, aggs: aggs},
		cells: map[string]map[string]*tally{}, known: map[string]bool{}}
	left := maxRows
	for i, r := range rows {
		for _, row := range rowOf(r) {
			for _, col := range p.colsOf(r) {
				if left--; left >= 0 {
					p.add(r, row, col, int64(i))
				}
			}
		}
	}
	p.choose()
	p.fit(max(least, len(p.rows)))
	slices.SortStableFunc(p.rows, func(a, b string) int { return cmp.Or(compareMixed(a, b), strings.Compare(a, b)) })
	var out []*rec
	for _, row := range p.rows {
		out = append(out, p.row(row))
	}
	return p, out
}

func (p *pivotRun) colsOf(r *rec) []string {
	if p.Col == "" {
		return []string{""}
	}
	l := r.value(p.Col).List()
	if l == nil && p.Nulls {
		return []string{p.NullAs}
	}
	return l
}

func (p *pivotRun) add(r *rec, row, col string, pos int64) {
	if p.cells[row] == nil {
		p.cells[row] = map[string]*tally{}
		p.rows = append(p.rows, row)
	}
	t := p.cells[row][col]
	if t == nil {
		t = p.run.newTally([]string{row})
		p.cells[row][col] = t
		if !p.known[col] {
			p.known[col] = true
			p.cols = append(p.cols, col)
		}
	}
	p.run.add(t, r, pos)
}

// choose keeps the columns with the greatest sums and puts the others together.
func (p *pivotRun) choose() {
	slices.SortFunc(p.cols, func(a, b string) int { return cmp.Or(compareMixed(a, b), strings.Compare(a, b)) })
	if p.Col == "" {
		return
	}
	own := slices.DeleteFunc(slices.Clone(p.cols), func(c string) bool { return p.Nulls && c == p.NullAs })
	if p.Where != nil && len(p.run.aggs) == 1 {
		var others []string
		own, others = p.Where.choose(own, p.valuesOf())
		p.together(others)
		if p.Other && len(others) > 0 {
			own = append(own, p.OtherAs)
		}
	} else if p.Limit > 0 && len(own) > p.Limit && len(p.run.aggs) == 1 {
		sums := map[string]float64{}
		for col, numbers := range p.valuesOf() {
			for _, n := range numbers {
				sums[col] += n
			}
		}
		slices.SortStableFunc(own, func(a, b string) int {
			if p.Bottom {
				a, b = b, a
			}
			return cmp.Compare(sums[b], sums[a])
		})
		p.together(own[p.Limit:])
		own = own[:p.Limit]
		slices.SortFunc(own, func(a, b string) int { return cmp.Or(compareMixed(a, b), strings.Compare(a, b)) })
		if p.Other {
			own = append(own, p.OtherAs)
		}
	}
	if p.Nulls && slices.Contains(p.cols, p.NullAs) {
		own = append(own, p.NullAs)
	}
	p.cols = own
}

// valuesOf are the numbers of each column.
func (p *pivotRun) valuesOf() map[string][]float64 {
	out := map[string][]float64{}
	for _, key := range p.rows {
		for col, t := range p.cells[key] {
			if n, ok := p.run.valueOf(t, 0).Number(); ok {
				out[col] = append(out[col], n)
			}
		}
	}
	return out
}

// together merges the tallies of some columns into the one of all others.
func (p *pivotRun) together(cols []string) {
	for key, row := range p.cells {
		for _, col := range cols {
			t := row[col]
			if t == nil || !p.Other {
				delete(row, col)
				continue
			}
			delete(row, col)
			o := row[p.OtherAs]
			if o == nil {
				o = p.run.newTally([]string{key})
				row[p.OtherAs] = o
			}
			o.merge(t)
		}
	}
}

// merge counts in the rows of another tally.
func (t *tally) merge(o *tally) {
	t.rows += o.rows
	if o.count > 0 && (t.count == 0 || o.first < t.first) {
		t.first = o.first
	}
	t.count += o.count
	t.clock = max(t.clock, o.clock)
	for k := range t.slots {
		if t.slots[k] != nil {
			_ = t.slots[k].Merge(o.slots[k]) // they are of one aggregate
		}
	}
}

// row is a row of the table.
func (p *pivotRun) row(row string) *rec {
	out := &rec{shut: true, weight: 1, key: []string{row}}
	if p.Row != "" {
		out.set(p.Row, value.Text(row))
	}
	for _, col := range p.cols {
		t := p.cells[row][col]
		if t != nil {
			out.count += t.count
			out.clock = max(out.clock, t.clock)
			if out.first == 0 || t.count > 0 && t.first < out.first {
				out.first = t.first
			}
		}
		for k := range p.run.aggs {
			if v := p.run.valueOf(t, k); !v.IsNull() {
				out.cells = append(out.cells, cell{p.columnOf(col, k), v})
			}
		}
	}
	return out
}

// columnOf is the name of a column: the value, or with several aggregates theirs
// before it.
func (p *pivotRun) columnOf(col string, k int) string {
	as := p.run.aggs[k].As
	switch {
	case p.Col == "":
		return as
	case len(p.run.aggs) == 1:
		return col
	}
	return as + p.Sep + col
}

// valueOf is an aggregate of a tally; of none 0 for counts.
func (x *statsRun) valueOf(t *tally, k int) value.Value {
	a := x.aggs[k]
	switch {
	case t != nil && a.in != nil:
		return t.slots[k].Value()
	case t != nil:
		return value.Num(float64(t.rows))
	case a.Func == "count" || a.Func == "dc":
		return value.Num(0)
	}
	return value.Null
}

// cut is the start of the bin that a value is in, as a row says it.
func (x *pivot) cut(r *rec) []string {
	v := r.value(x.Row)
	if x.Row == timeField && x.Span != (value.Span{}) {
		t, ok := epochOf(v)
		if !ok {
			return nil
		}
		return []string{value.FormatEpoch(x.Span.Floor(t).UnixNano())}
	}
	if x.Number > 0 {
		n, ok := v.Number()
		if !ok {
			return nil
		}
		lo := floorTo(n, x.Number)
		return []string{value.Num(lo).Text() + "-" + value.Num(lo+x.Number).Text()}
	}
	return v.List()
}

// next is the span after the one that starts at t.
func next(s value.Span, t time.Time) time.Time {
	if s.Months > 0 {
		return t.AddDate(0, s.Months, 0)
	}
	return t.Add(s.Every)
}
