package value_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl/value"
)

const day = 24 * time.Hour

// The units are those of Search Reference, "Time modifiers".
func TestUnits(t *testing.T) {
	for names, want := range map[string]value.Span{
		"s sec secs second seconds":   {Every: time.Second},
		"m min mins minute minutes":   {Every: time.Minute},
		"h hr hrs hour hours":         {Every: time.Hour},
		"d day days":                  {Every: day},
		"w week weeks":                {Every: 7 * day},
		"mon month months":            {Months: 1},
		"q qtr qtrs quarter quarters": {Months: 3},
		"y yr yrs year years":         {Months: 12},
	} {
		for name := range strings.FieldsSeq(names) {
			if got, ok := value.Unit(name); got != want || !ok {
				t.Errorf("%s: %v, %v", name, got, ok)
			}
			if got, ok := value.ParseSpan("2" + name); !ok || got != (value.Span{Every: 2 * want.Every,
				Months: 2 * want.Months}) {
				t.Errorf("2%s: %v, %v", name, got, ok)
			}
		}
	}
	for _, name := range []string{"", "S", "M", "ms", "us", "fortnight", "1h"} {
		if got, ok := value.Unit(name); ok {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for s, want := range map[string]value.Span{
		"h":       {Every: time.Hour},
		"1h":      {Every: time.Hour},
		"05m":     {Every: 5 * time.Minute},
		"90s":     {Every: 90 * time.Second},
		"mon":     {Months: 1},
		"2q":      {Months: 6},
		"2400mon": {Months: 2400},
		"200y":    {Months: 2400},
		"73200d":  {Every: 73200 * day},
		"999999s": {Every: 999999 * time.Second},
	} {
		if got, ok := value.ParseSpan(s); got != want || !ok {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "5", "0h", "00d", "0mon", "h1", "-1h", "1.5h", "1 h", "2401mon", "201y",
		"73201d", "1000000s", "9999999999s"} {
		if got, ok := value.ParseSpan(s); ok || got != (value.Span{}) {
			t.Errorf("%s: %v, %v", s, got, ok)
		}
	}
}

func TestSeconds(t *testing.T) {
	for n, want := range map[float64]time.Duration{1: time.Second, 0.5: time.Second / 2, 3600: time.Hour, 0: 1,
		-5: 1, 6e9: 6e9 * time.Second, 1e300: 6e9 * time.Second} {
		if got := value.Seconds(n); got != want {
			t.Errorf("%v: %v", n, got)
		}
	}
}

func TestFloor(t *testing.T) {
	const noon = "2025-12-06T12:34:56.789Z" // a Saturday
	for _, c := range []struct{ span, at, want string }{
		{"s", noon, "2025-12-06T12:34:56Z"},
		{"10m", noon, "2025-12-06T12:30:00Z"},
		{"h", noon, "2025-12-06T12:00:00Z"},
		{"h", "2025-12-06T12:00:00Z", "2025-12-06T12:00:00Z"},
		{"h", "2025-12-06T11:59:59.999999999Z", "2025-12-06T11:00:00Z"},
		{"d", noon, "2025-12-06T00:00:00Z"},
		{"w", noon, "2025-11-30T00:00:00Z"}, // the Sunday before
		{"w", "2025-12-07T00:00:00Z", "2025-12-07T00:00:00Z"},
		{"7d", noon, "2025-11-30T00:00:00Z"},
		{"2w", "1970-01-12T00:00:00Z", "1970-01-11T00:00:00Z"},
		{"mon", noon, "2025-12-01T00:00:00Z"},
		{"q", noon, "2025-10-01T00:00:00Z"},
		{"q", "2025-09-30T23:59:59Z", "2025-07-01T00:00:00Z"},
		{"y", noon, "2025-01-01T00:00:00Z"},
		{"2y", noon, "2024-01-01T00:00:00Z"},
		{"d", "1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z"}, // before 1970 down, too
		{"h", "1969-12-31T23:00:00Z", "1969-12-31T23:00:00Z"},
		{"w", "1970-01-01T00:00:00Z", "1969-12-28T00:00:00Z"},
		{"mon", "2025-12-06T12:00:00+13:00", "2025-12-01T00:00:00Z"},
	} {
		span, ok := value.ParseSpan(c.span)
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if !ok || err != nil {
			t.Fatal(c, err)
		}
		if got := span.Floor(at.UTC()).Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s of %s: %s, not %s", c.span, c.at, got, c.want)
		}
	}
}
