// Package asof reads the moment that a risk view ends at, as --as-of and the
// as-of= of a URL give it.
package asof

import (
	"strings"
	"time"

	"escutcheon/fault"
)

// Parse reads RFC 3339, also without a zone (then it is UTC), without seconds,
// or a date alone (its midnight, UTC). The result is in whole seconds since
// 1970; nil for "".
func Parse(s string) (*int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	// A + in a URL that was not escaped arrives as a space.
	for _, text := range []string{s, strings.Replace(s, " ", "+", 1), strings.Replace(s, " ", "T", 1)} {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00",
			"2006-01-02T15:04", "2006-01-02"} {
			if t, err := time.Parse(layout, strings.ToUpper(text)); err == nil {
				sec := t.Unix()
				return &sec, nil
			}
		}
	}
	return nil, fault.New(fault.Invalid, "%q is no time. Write it as in 2025-12-15T01:48:53Z.", s)
}
