package rx_test

import (
	"testing"

	"escutcheon/detection/spl/rx"
)

func TestLeast(t *testing.T) {
	for pattern, want := range map[string]struct {
		bytes int
		rare  string
	}{
		`\s[a-fA-F0-9]{64}\s[a-fA-F0-9]{16}`: {82, ""},
		"\\w+`(?:\\w+|-|.)`[\\w+|\\s]":       {5, "`"},
		`"(?:\{\d\})+"\s*-f`:                 {7, "{"},
		`(?i)a$b|\$c`:                        {2, ""},
		`(?i)a(\$|%)`:                        {2, ""},
		`x?(;y)*`:                            {0, ""},
		`(?:(?:(?:ab){20}){0,9}c)`:           {1, ""},
		`é`:                                  {1, ""},
	} {
		if bytes, rare := rx.Least(pattern); bytes != want.bytes || rare != want.rare {
			t.Errorf("%s: %d bytes with %q, want %+v", pattern, bytes, rare, want)
		}
	}
}
