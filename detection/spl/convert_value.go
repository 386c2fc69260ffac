package spl

import (
	"strings"
	"time"

	"escutcheon/detection/spl/value"
)

// conversionNames are the functions of convert.
var conversionNames = []string{"ctime", "mktime", "num", "auto", "none", "rmcomma", "rmunit", "memk",
	"dur2sec", "mstime"}

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
