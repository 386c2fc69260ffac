package spl

import (
	"fmt"
	"strconv"
	"time"

	"escutcheon/detection/spl/value"
)

// Bin (bin, bucket) rounds a field down to a multiple of Span, or _time of
// Time. Without either it finds a span, of all rows, that makes at most Bins bins
// and is at least Least.
type Bin struct {
	Origin
	Field, As string
	Span      float64
	Time      value.Span

	Bins       int // 0: 100
	Least      string
	Start, End *float64 // bins reach at least from here to there

	Align string // aligntime: a time at which a bin starts, of spans shorter than a day
	shift time.Duration
}

var (
	_ = register("bin", parseBin)
	_ = register("bucket", parseBin)
)

func parseBin(p *parser, o Origin) (*Bin, *Error) {
	b := &Bin{Origin: o}
	spanned := false
	var aligned option
	var err *Error
	for !p.end() {
		var opt option
		opt, err = p.option("span", "bins", "minspan", "start", "end", "aligntime")
		switch {
		case err != nil:
		case opt.name == "span":
			spanned, err = true, b.span(p, opt)
		case opt.name != "":
			if opt.name == "aligntime" {
				aligned = opt
			}
			err = b.option(p, opt)
		case b.Field == "":
			b.Field, err = p.field()
			b.As = b.Field
		case !p.keyword("as"):
			err = p.unexpected()
		default:
			b.As, err = p.name(",=")
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case b.Field == "":
		return nil, p.expected("a field name")
	case !spanned:
	case b.Field == timeField && b.Time == (value.Span{}):
		b.Time = value.Span{Every: value.Seconds(b.Span)}
	}
	if aligned.name != "" && b.Time == (value.Span{}) {
		return nil, p.fault(aligned.at, fmt.Sprintf("option %q", aligned.name), "is not supported")
	}
	return b, nil
}

// option reads what a span is found by.
func (x *Bin) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "bins":
		if x.Bins, err = p.count(opt); err == nil && (x.Bins < 2 || x.Bins > 50_000) {
			err = p.badOption(opt)
		}
		return err
	case "minspan":
		_, isTime := value.ParseSpan(opt.value)
		if n, ok := value.ParseFloat(opt.value); !isTime && (!ok || n <= 0) {
			return p.badOption(opt)
		}
		x.Least = opt.value
		return nil
	case "start", "end":
		n, ok := value.ParseFloat(opt.value)
		if !ok {
			return p.badOption(opt)
		}
		if opt.name == "start" {
			x.Start = &n
		} else {
			x.End = &n
		}
		return nil
	}
	t, ok := timeOf(opt.value, time.Unix(0, 0), "")
	if !ok { // earliest and latest among them: the time that is searched is not known here
		return p.badOption(opt)
	}
	x.Align, x.shift = opt.value, time.Duration(t.UnixNano())
	return nil
}

// found says that the span is to be found.
func (x *Bin) found() bool { return x.Span == 0 && x.Time == (value.Span{}) }

func (x *Bin) span(p *parser, opt option) *Error {
	if s, ok := value.ParseSpan(opt.value); ok {
		x.Time, x.Span = s, 0
		return nil
	}
	n, ok := value.ParseFloat(opt.value)
	if !ok || n <= 0 {
		return p.fault(opt.at, fmt.Sprintf("span %q", opt.value), "is not supported")
	}
	x.Time, x.Span = value.Span{}, n
	return nil
}

func (x *Bin) String() string {
	l := newLine(x.Origin)
	switch {
	case x.Span != 0:
		l.add("span=" + numberText(x.Span))
	case !x.found():
		l.add("span=" + spanText(x.Time))
	}
	l.number("bins", x.Bins, 0).option("minspan", x.Least, "")
	if x.Start != nil {
		l.add("start=" + numberText(*x.Start))
	}
	if x.End != nil {
		l.add("end=" + numberText(*x.End))
	}
	l.option("aligntime", x.Align, "")
	return l.add(nameText(x.Field) + asText(x.Field, x.As)).String()
}

// spanText writes a span of time.
func spanText(s value.Span) string {
	if s.Months > 0 {
		return strconv.Itoa(s.Months) + "mon"
	}
	unit, name := time.Second, "s"
	for _, u := range []struct {
		every time.Duration
		name  string
	}{{time.Minute, "m"}, {time.Hour, "h"}, {24 * time.Hour, "d"}} {
		if s.Every%u.every == 0 {
			unit, name = u.every, u.name
		}
	}
	return strconv.Itoa(int(s.Every/unit)) + name
}

// Reads is the field.
func (x *Bin) Reads() []string { return []string{x.Field} }

// Sets is the field, or its name after AS.
func (x *Bin) Sets() []string { return []string{x.As} }

// Place is a row by itself; where the span is to be found, all rows of a search
// that is run whole.
func (x *Bin) Place() Place {
	if x.found() {
		return Whole
	}
	return EachRow
}

func (x *Bin) compile(_ *compiler, in shape) (step, shape, *Error) {
	if x.found() {
		return step{all: x.all}, in.with(x.As), nil
	}
	f := x.number
	if x.Time != (value.Span{}) {
		f = x.time
	}
	st := change(f)
	st.timely = x.As != timeField
	return st, in.with(x.As), nil
}

func (x *Bin) time(r *rec) {
	if t, ok := epochOf(r.value(x.Field)); ok {
		shift := x.shift
		if x.Time.Every == 0 || x.Time.Every%(24*time.Hour) == 0 {
			shift = 0 // days and more start where they do
		}
		r.set(x.As, value.Text(value.FormatEpoch(x.Time.Floor(t.Add(-shift)).Add(shift).UnixNano())))
	}
}

// number writes a bin as Splunk does: as its two ends.
func (x *Bin) number(r *rec) {
	if n, ok := r.value(x.Field).Number(); ok {
		lo := floorTo(n, x.Span)
		r.set(x.As, value.Text(value.Num(lo).Text()+"-"+value.Num(lo+x.Span).Text()))
	}
}

func floorTo(n, span float64) float64 {
	f := n / span
	k := float64(int64(clampInt(f)))
	if k > f {
		k--
	}
	return k * span
}
