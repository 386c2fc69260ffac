package spl_test

import (
	"context"
	"strings"
	"testing"

	"escutcheon/detection/spl"
)

// asking keeps which fields it is asked for.
type asking struct{ fields string }

func (a *asking) Scan(_ context.Context, s spl.Scan, _ func(spl.Event) bool) error {
	if a.fields = "all"; s.Fields != nil {
		a.fields = strings.Join(s.Fields, " ")
	}
	return nil
}

func (a *asking) Newest() bool { return true }

// TestFieldsAsked: a search that counts asks for the fields that it names, and for the
// text only where words are looked for.
func TestFieldsAsked(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]string{
		`* | stats count by EventCode`:               "EventCode",
		`** | stats count by EventCode`:              "EventCode",
		`| stats count by EventCode`:                 "EventCode",
		`word | stats count by EventCode`:            "EventCode _raw",
		`* | stats min(_time) by EventCode user`:     "EventCode _time user",
		`* | where a>1 | stats count by b`:           "a b",
		`* | timechart count`:                        "_time",
		`* | stats count by user*`:                   "all",
		`* | sort user`:                              "all",
		`* | stats count by EventCode | search word`: "EventCode",
	} {
		q, err := spl.Env{}.Query(search)
		if err != nil {
			t.Errorf("%s: %v", search, err)
			continue
		}
		src := &asking{}
		if _, err := q.Run(t.Context(), src, spl.Options{}); err != nil || src.fields != want {
			t.Errorf("%s asks for %q, want %q; %v", search, src.fields, want, err)
		}
	}
}
