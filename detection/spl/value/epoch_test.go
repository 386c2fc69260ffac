package value_test

import (
	"math"
	"testing"
	"time"

	"escutcheon/detection/spl/value"
)

func TestFormatEpoch(t *testing.T) {
	for nanos, want := range map[int64]string{
		0:                         "0",
		1:                         "0.000000001",
		-1:                        "-0.000000001",
		1e9:                       "1",
		-1e9:                      "-1",
		1_500_000_000:             "1.5",
		-1_500_000_000:            "-1.5",
		1_765_046_631_500_000_000: "1765046631.5",
		1_765_046_631_000_000_010: "1765046631.00000001",
		999_999_999:               "0.999999999",
		math.MaxInt64:             "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		got := value.FormatEpoch(nanos)
		if got != want {
			t.Errorf("%d: %s, not %s", nanos, got, want)
		}
		if back, ok := value.ParseEpoch(got); !ok || back.UnixNano() != nanos {
			t.Errorf("%s: back %d, %v", got, back.UnixNano(), ok)
		}
	}
}

func TestParseEpoch(t *testing.T) {
	for text, want := range map[string]string{
		"0":                    "1970-01-01T00:00:00Z",
		"-0.5":                 "1969-12-31T23:59:59.5Z",
		"-1.25":                "1969-12-31T23:59:58.75Z",
		"1765046631.123456789": "2025-12-06T18:43:51.123456789Z",
		"1.9999999999":         "1970-01-01T00:00:01.999999999Z", // to the nanosecond
		"+1":                   "1970-01-01T00:00:01Z",
		"253402300799":         "9999-12-31T23:59:59Z",
		"-62167219200":         "0000-01-01T00:00:00Z",
	} {
		got, ok := value.ParseEpoch(text)
		if !ok || got.Format(time.RFC3339Nano) != want || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v", text, got.Format(time.RFC3339Nano), ok)
		}
	}
	for _, text := range []string{"", "x", "1e9", " 1", "2025-01-01", "253402300800", "-62167219201",
		"1000000000000", "99999999999999999999"} {
		if got, ok := value.ParseEpoch(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
