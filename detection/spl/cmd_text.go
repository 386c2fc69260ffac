package spl

import (
	"slices"
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// rawField is the field that words are looked for in.
const rawField = "_raw"

func (x *Rex) step(in shape) (func(*rec) bool, shape) {
	if x.Sed != nil {
		return func(r *rec) bool {
			if v := r.value(x.Field); !v.IsNull() {
				r.set(x.Field, v.EachText(x.Sed.Apply))
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
	if most == 0 || most > value.MaxList {
		most = value.MaxList
	}
	for _, s := range r.value(x.Field).List() {
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
			r.set(names[g], value.ListOf(l))
		}
	}
	return true
}

func (x *Bin) step(in shape) (func(*rec) bool, shape) {
	return func(r *rec) bool {
		v := r.value(x.Field)
		if x.Time != (value.Span{}) {
			if t, ok := epochOf(v); ok {
				r.set(x.As, value.Text(value.FormatEpoch(x.Time.Floor(t).UnixNano())))
			}
			return true
		}
		if n, ok := v.Number(); ok { // Splunk writes a bin as its two ends
			lo := value.Num(floorTo(n, x.Span)).Text()
			r.set(x.As, value.Text(lo+"-"+value.Num(floorTo(n, x.Span)+x.Span).Text()))
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
	if v.IsNull() {
		return true
	}
	var out []string
	switch {
	case x.Join:
		r.set(x.Field, value.Text(joinText(v.List(), " ")))
		return true
	case x.Tokens != nil:
		text := v.Text()
		for _, m := range x.Tokens.FindAllStringSubmatchIndex(text, value.MaxList) {
			if g := min(2, len(m)-2); m[g] >= 0 {
				out = append(out, text[m[g]:m[g+1]])
			}
		}
	default:
		out = strings.SplitN(v.Text(), x.Delim, value.MaxList)
		if !x.AllowEmpty {
			out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
		}
	}
	r.set(x.Field, value.ListOf(out))
	return true
}

// apply makes a row of each value; a row without one stays.
func (x *Expand) apply(r *rec, emit func(*rec) bool) {
	l := r.value(x.Field).List()
	if x.Limit > 0 && len(l) > x.Limit {
		l = l[:x.Limit]
	}
	if len(l) < 2 {
		emit(r)
		return
	}
	for i, s := range l {
		c := r.clone()
		c.set(x.Field, value.Text(s))
		c.id = r.id*value.MaxList + i
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
			allKeys(r, r.value(x.Input).Text())
			return true
		}, in, nil
	}
	return func(r *rec) bool {
		if v := r.value(x.Input); !v.IsNull() {
			if got := jsonPath(v.Text(), x.Path); !got.IsNull() {
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
			if v := r.value(f.Field); !v.IsNull() {
				r.set(f.As, convertValue(f.Func, v, x.TimeFormat))
			}
		}
		return true
	}, in
}

func convertValue(fn string, v value.Value, format string) value.Value {
	switch fn {
	case "ctime":
		return v.EachText(func(s string) string { return ctime(s, format) })
	case "mktime":
		t, ok := strptime(v.Text(), format)
		if !ok {
			return value.Null
		}
		return value.Text(value.FormatEpoch(t.UnixNano()))
	case "none":
		return v
	case "rmcomma":
		return v.EachText(func(s string) string { return strings.ReplaceAll(s, ",", "") })
	case "rmunit":
		return v.EachText(func(s string) string { return s[:numberEnd(s)] })
	case "num", "auto":
		if _, ok := v.Number(); ok || fn == "auto" {
			return v
		}
		return value.Null
	case "memk":
		return memoryK(v.Text())
	case "mstime":
		return minutes(v.Text())
	}
	return durationSeconds(v.Text())
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
func memoryK(s string) value.Value {
	i := numberEnd(s)
	n, ok := value.ParseFloat(s[:i])
	unit, known := map[string]float64{"": 1, "k": 1, "m": 1 << 10, "g": 1 << 20}[strings.ToLower(strings.TrimSpace(s[i:]))]
	if !ok || !known {
		return value.Null
	}
	return value.Num(n * unit)
}

// minutes reads MM:SS.
func minutes(s string) value.Value {
	m, sec, ok := strings.Cut(s, ":")
	a, ok1 := value.ParseFloat(m)
	b, ok2 := value.ParseFloat(sec)
	if !ok || !ok1 || !ok2 {
		return value.Null
	}
	return value.Num(a*60 + b)
}

// durationSeconds reads [D+]HH:MM:SS.
func durationSeconds(s string) value.Value {
	days, rest, has := strings.Cut(s, "+")
	if !has {
		days, rest = "0", s
	}
	d, ok := value.ParseFloat(days)
	t, err := time.Parse("15:04:05", rest)
	if err != nil || !ok {
		return value.Null
	}
	return value.Num(d*86400 + float64(t.Hour()*3600+t.Minute()*60+t.Second()))
}
