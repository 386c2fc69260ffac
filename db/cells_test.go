package db_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
)

// TestCells: rows come back as they were, and are JSON for others; what is no
// UTF-8 is replaced.
func TestCells(t *testing.T) {
	var every strings.Builder
	for c := range 0x100 {
		every.WriteRune(rune(c))
	}
	for _, row := range [][]string{
		{}, {""}, {"", ""}, {"a", "b"}, {`"`, `\`, `\"`, `","`, `[`, `]`}, {"a\nb\r\tc"}, {every.String()}, {"<&>\u2028é😀"},
		{"a", `C:\n\"x`, ""},
	} {
		stored := db.Marshal(row)
		var others []string
		if err := json.Unmarshal([]byte(stored), &others); err != nil || !slices.Equal(others, row) {
			t.Errorf("%q is %s, which others read as %q, %v", row, stored, others, err)
		}
		if back, err := db.Unmarshal(stored); err != nil || !slices.Equal(back, row) {
			t.Errorf("%q is %s, and then %q, %v", row, stored, back, err)
		}
	}
	if back, err := db.Unmarshal(db.Marshal([]string{"a\xff\xfeb", "\"\xc3"})); err != nil ||
		!slices.Equal(back, []string{"a\ufffd\ufffdb", "\"\ufffd"}) {
		t.Errorf("%q, %v", back, err)
	}
	for stored, want := range map[string][]string{
		`[ "a" , "b" ]`: {"a", "b"}, `["\u00e9\/"]`: {"é/"}, `null`: nil, // by other encoders
	} {
		if back, err := db.Unmarshal(stored); err != nil || !slices.Equal(back, want) {
			t.Errorf("%s is %q, %v", stored, back, err)
		}
	}
	for _, bad := range []string{``, `[`, `["a"`, `["a"]x`, `["a""b"]`, `["a",]`, `[,"a"]`, `["a\"]`, `["a\x"]`, `"a"`, `[1]`} {
		if back, err := db.Unmarshal(bad); err == nil {
			t.Errorf("%s is read as %q", bad, back)
		}
	}
}
