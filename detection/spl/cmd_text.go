package spl

import (
	"slices"
	"strings"
	"time"
)

// rawField is the field that words are looked for in.
const rawField = "_raw"

func (x *Rex) step(in shape) (func(*rec) bool, shape) {
	if x.Sed != nil {
		return func(r *rec) bool {
			if v := r.value(x.Field); v.k != isNull {
				r.set(x.Field, v.eachText(x.Sed.apply))
			}
			return true
		}, in
	}
	var names []string
	for _, n := range x.RE.SubexpNames() {
		if n != "" {
			names = append(names, n)
		}
	}
	return x.extract, in.with(names...)
}

// extract sets the field of each named group. A field whose group took part in
// no match keeps what it has.
func (x *Rex) extract(r *rec) bool {
	names := x.RE.SubexpNames()
	found := make([][]string, len(names))
	most := x.Max
	if most == 0 || most > maxList {
		most = maxList
	}
	for _, s := range r.value(x.Field).list() {
		for _, m := range x.RE.FindAllStringSubmatchIndex(s, most) {
			for g := 1; g < len(names); g++ {
				if names[g] != "" && m[2*g] >= 0 && len(found[g]) < most {
					found[g] = append(found[g], s[m[2*g]:m[2*g+1]])
				}
			}
		}
	}
	for g, l := range found {
		if l != nil {
			r.set(names[g], listOf(l))
		}
	}
	return true
}

func (x *Bin) step(in shape) (func(*rec) bool, shape) {
	return func(r *rec) bool {
		v := r.value(x.Field)
		if x.Time != (span1{}) {
			if t, ok := epochOf(v); ok {
				r.set(x.As, textOf(FormatEpoch(x.Time.floor(t).UnixNano())))
			}
			return true
		}
		if n, ok := v.number(); ok { // Splunk writes a bin as its two ends
			lo := numOf(floorTo(n, x.Span)).text()
			r.set(x.As, textOf(lo+"-"+numOf(floorTo(n, x.Span)+x.Span).text()))
		}
		return true
	}, in.with(x.As)
}

func floorTo(n, span float64) float64 {
	f := n / span
	k := float64(int64(clampInt(f)))
	if k > f {
		k--
	}
	return k * span
}

func (x *MakeMV) apply(r *rec) bool {
	v := r.value(x.Field)
	if v.k == isNull {
		return true
	}
	var out []string
	switch {
	case x.Join:
		r.set(x.Field, textOf(joinText(v.list(), " ")))
		return true
	case x.Tokens != nil:
		text := v.text()
		for _, m := range x.Tokens.FindAllStringSubmatchIndex(text, maxList) {
			if g := min(2, len(m)-2); m[g] >= 0 {
				out = append(out, text[m[g]:m[g+1]])
			}
		}
	default:
		out = strings.SplitN(v.text(), x.Delim, maxList)
		if !x.AllowEmpty {
			out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
		}
	}
	r.set(x.Field, listOf(out))
	return true
}

// apply makes a row of each value; a row without one stays.
func (x *Expand) apply(r *rec, emit func(*rec) bool) {
	l := r.value(x.Field).list()
	if x.Limit > 0 && len(l) > x.Limit {
		l = l[:x.Limit]
	}
	if len(l) < 2 {
		emit(r)
		return
	}
	for i, s := range l {
		c := r.clone()
		c.set(x.Field, textOf(s))
		c.id = r.id*maxList + i
		if !emit(c) {
			return
		}
	}
}

func (c *compiler) paths(x *Paths, in shape) (func(*rec) bool, shape, *Error) {
	if x.Keys {
		if !in.open {
			return nil, in, refuse(x, "", "is not supported after stats")
		}
		return func(r *rec) bool {
			allKeys(r, r.value(x.Input).text())
			return true
		}, in, nil
	}
	return func(r *rec) bool {
		if v := r.value(x.Input); v.k != isNull {
			if got := jsonPath(v.text(), x.Path); got.k != isNull {
				r.set(x.Output, got)
			}
		}
		return true
	}, in.with(x.Output), nil
}

func (x *Convert) step(in shape) (func(*rec) bool, shape) {
	var fields []ConvertField
	for _, f := range x.Fields {
		for _, n := range pick([]string{f.Field}, in.names) {
			one := ConvertField{f.Func, n, f.As}
			if f.As == f.Field {
				one.As = n
			}
			fields = append(fields, one)
		}
	}
	for _, f := range fields {
		if in.open || slices.Contains(in.names, f.Field) {
			in = in.with(f.As)
		}
	}
	return func(r *rec) bool {
		for _, f := range fields {
			if v := r.value(f.Field); v.k != isNull {
				r.set(f.As, convertValue(f.Func, v, x.TimeFormat))
			}
		}
		return true
	}, in
}

func convertValue(fn string, v value, format string) value {
	switch fn {
	case "ctime":
		return v.eachText(func(s string) string { return ctime(s, format) })
	case "mktime":
		t, ok := strptime(v.text(), format)
		if !ok {
			return null
		}
		return textOf(FormatEpoch(t.UnixNano()))
	case "none":
		return v
	case "rmcomma":
		return v.eachText(func(s string) string { return strings.ReplaceAll(s, ",", "") })
	case "rmunit":
		return v.eachText(func(s string) string { return s[:numberEnd(s)] })
	case "num", "auto":
		if _, ok := v.number(); ok || fn == "auto" {
			return v
		}
		return null
	case "memk":
		return memoryK(v.text())
	case "mstime":
		return minutes(v.text())
	}
	return durationSeconds(v.text())
}

// numberEnd is where the number ends that a text starts with.
func numberEnd(s string) int {
	i := 0
	for i < len(s) && strings.IndexByte("0123456789+-.", s[i]) >= 0 {
		i++
	}
	return i
}

// memoryK reads a size with k, m or g behind it, in k.
func memoryK(s string) value {
	i := numberEnd(s)
	n, ok := parseFloat(s[:i])
	unit, known := map[string]float64{"": 1, "k": 1, "m": 1 << 10, "g": 1 << 20}[strings.ToLower(strings.TrimSpace(s[i:]))]
	if !ok || !known {
		return null
	}
	return numOf(n * unit)
}

// minutes reads MM:SS.
func minutes(s string) value {
	m, sec, ok := strings.Cut(s, ":")
	a, ok1 := parseFloat(m)
	b, ok2 := parseFloat(sec)
	if !ok || !ok1 || !ok2 {
		return null
	}
	return numOf(a*60 + b)
}

// durationSeconds reads [D+]HH:MM:SS.
func durationSeconds(s string) value {
	days, rest, has := strings.Cut(s, "+")
	if !has {
		days, rest = "0", s
	}
	d, ok := parseFloat(days)
	t, err := time.Parse("15:04:05", rest)
	if err != nil || !ok {
		return null
	}
	return numOf(d*86400 + float64(t.Hour()*3600+t.Minute()*60+t.Second()))
}
