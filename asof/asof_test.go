package asof_test

import (
	"testing"
	"time"

	"escutcheon/asof"
	"escutcheon/fault"
)

func TestParse(t *testing.T) {
	want := time.Date(2025, 12, 15, 1, 48, 53, 0, time.UTC).Unix()
	for _, s := range []string{"2025-12-15T01:48:53Z", "2025-12-15T01:48:53", "2025-12-15 01:48:53",
		"2025-12-15t01:48:53z", "2025-12-15T01:48:53.999Z",
		"2025-12-15T02:48:53+01:00", "2025-12-15T02:48:53 01:00", "2025-12-14T20:48:53-05:00", " 2025-12-15T01:48:53Z "} {
		got, err := asof.Parse(s)
		if err != nil || *got != want {
			t.Errorf("Parse(%q) = %v, %v, want %d", s, got, err, want)
		}
	}
	for s, want := range map[string]time.Time{
		"2025-12-15T01:48": time.Date(2025, 12, 15, 1, 48, 0, 0, time.UTC),
		"2025-12-15":       time.Date(2025, 12, 15, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := asof.Parse(s); err != nil || *got != want.Unix() {
			t.Errorf("Parse(%q) = %v, %v", s, got, err)
		}
	}
	if got, err := asof.Parse("  "); got != nil || err != nil {
		t.Errorf("nothing asked for: %v, %v", got, err)
	}
	for _, s := range []string{"now", "2025-13-01", "15.12.2025", "1765763333", "2025-12-15T25:00:00Z"} {
		if _, err := asof.Parse(s); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("Parse(%q): %v, want a sentence", s, err)
		}
	}
}

// A moment between seconds is the second it is in, also before 1970.
func TestParseSeconds(t *testing.T) {
	for s, want := range map[string]int64{
		"1970-01-01T00:00:00Z": 0, "1970-01-01T00:00:01.999999999Z": 1, "1969-12-31T23:59:59.5Z": -1,
		"1969-12-31T23:59:58Z": -2, "1970-01-01": 0, "1970-01-01T00:01": 60, "1970-01-01T01:00+01:00": 0,
		"1970-01-01 00:00:07": 7, "1970-01-01t00:00:08z": 8,
	} {
		if got, err := asof.Parse(s); err != nil || *got != want {
			t.Errorf("Parse(%q) = %v, %v; want %d", s, got, err, want)
		}
	}
}
