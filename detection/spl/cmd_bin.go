package spl

import (
	"fmt"
	"strconv"
	"time"

	"escutcheon/detection/spl/value"
)

// Bin (bin, bucket) rounds a field down to a multiple of Span, or _time of
// Time.
type Bin struct {
	Origin
	Field, As string
	Span      float64
	Time      value.Span
}

var (
	_ = register("bin", parseBin)
	_ = register("bucket", parseBin)
)

func parseBin(p *parser, o Origin) (*Bin, *Error) {
	b := &Bin{Origin: o}
	spanned := false
	for !p.end() {
		opt, err := p.option("span", "bins", "minspan", "start", "end", "aligntime")
		switch {
		case err != nil:
		case opt.name == "span":
			spanned, err = true, b.span(p, opt)
		case opt.name != "":
			err = p.fault(opt.at, fmt.Sprintf("option %q", opt.name), "is not supported")
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
	case !spanned: // how wide a bin is would depend on all events
		return nil, p.expected("span=")
	case b.Field == timeField && b.Time == (value.Span{}):
		b.Time = value.Span{Every: value.Seconds(b.Span)}
	}
	return b, nil
}

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
	span := strconv.FormatFloat(x.Span, 'f', -1, 64)
	if x.Span == 0 {
		span = spanText(x.Time)
	}
	return newLine(x.Origin).add("span="+span, nameText(x.Field)+asText(x.Field, x.As)).String()
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

// Place is a row by itself.
func (x *Bin) Place() Place { return EachRow }

func (x *Bin) compile(_ *compiler, in shape) (step, shape, *Error) {
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
		r.set(x.As, value.Text(value.FormatEpoch(x.Time.Floor(t).UnixNano())))
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
