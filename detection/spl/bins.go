package spl

import (
	"math"
	"strconv"
	"time"

	"escutcheon/detection/spl/value"
)

// How wide bins are where a search does not say: bin and timechart.

// binsDefault is how many bins there are at most.
const binsDefault = 100

// timeSpans are those that Splunk chooses from.
var timeSpans = []value.Span{{Every: time.Second}, {Every: 5 * time.Second}, {Every: 10 * time.Second},
	{Every: 30 * time.Second}, {Every: time.Minute}, {Every: 5 * time.Minute}, {Every: 10 * time.Minute},
	{Every: 30 * time.Minute}, {Every: time.Hour}, {Every: 24 * time.Hour}, {Months: 1}}

// lengthOf is roughly how long a span is.
func lengthOf(s value.Span) time.Duration {
	if s.Months > 0 {
		return time.Duration(s.Months) * 30 * 24 * time.Hour
	}
	return s.Every
}

// spanOfTime is the first of the usual spans by which a range has no more than so
// many bins and that is not shorter than least.
func spanOfTime(from, to time.Time, bins int, least value.Span) value.Span {
	long := to.Sub(from)
	for _, s := range timeSpans {
		if lengthOf(s) >= lengthOf(least) && int64(long/lengthOf(s)) < int64(max(bins, 1)) {
			return s
		}
	}
	return value.Span{Months: 12}
}

// spanOfNumbers is the least power of ten likewise.
func spanOfNumbers(from, to float64, bins int, least float64) float64 {
	if from == to {
		return max(1, least)
	}
	for k := -9; k < 300; k++ {
		span := math.Pow10(k)
		if span >= least && math.Floor(to/span)-math.Floor(from/span) < float64(bins) {
			return span
		}
	}
	return math.Pow10(300)
}

// numberText writes a number.
func numberText(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// all finds the span of all rows and bins them.
func (x *Bin) all(rows []*rec) []*rec {
	bins := x.Bins
	if bins == 0 {
		bins = binsDefault
	}
	one := *x
	if x.Field == timeField {
		least, ok := value.ParseSpan(x.Least)
		if n, number := value.ParseFloat(x.Least); !ok && number {
			least = value.Span{Every: value.Seconds(n)}
		}
		from, to, any := x.ends(rows)
		if !any {
			return rows
		}
		one.Time = spanOfTime(time.Unix(0, 0), time.Unix(0, 0).Add(value.Seconds(to-from)), bins, least)
		for _, r := range rows {
			one.time(r)
		}
		return rows
	}
	from, to, any := x.ends(rows)
	if !any {
		return rows
	}
	least, _ := value.ParseFloat(x.Least)
	one.Span = spanOfNumbers(from, to, bins, least)
	for _, r := range rows {
		one.number(r)
	}
	return rows
}

// ends are the least and the greatest number of the field.
func (x *Bin) ends(rows []*rec) (from, to float64, any bool) {
	take := func(n float64) {
		if !any {
			from, to, any = n, n, true
		}
		from, to = min(from, n), max(to, n)
	}
	for _, r := range rows {
		if n, ok := r.value(x.Field).Number(); ok {
			take(n)
		}
	}
	if any && x.Start != nil {
		take(*x.Start)
	}
	if any && x.End != nil {
		take(*x.End)
	}
	return from, to, any
}
