package db_test

import (
	"testing"
	"time"

	"escutcheon/store"
)

// TestFilters: the newest filter of a rule holds until the moment it expires;
// an empty one lets everything through.
func TestFilters(t *testing.T) {
	h := newHouse(t)
	expires := base.Add(time.Hour)
	add := func(rule, expression string, expires time.Time) {
		t.Helper()
		h.ok(h.AddFilter(ctx, store.RuleFilter{RuleID: rule, Expression: expression, Reason: "why", Author: "anna",
			Expires: expires}))
	}
	add("b", "x=1", time.Time{})
	add("a", "y=1", time.Time{})
	add("a", "y=2", expires)
	add("c", "z=1", time.Time{})
	add("c", "", time.Time{})
	current := func(at time.Time) (out []string) {
		t.Helper()
		list, err := h.CurrentFilters(ctx, at)
		h.ok(err)
		for _, f := range list {
			out = append(out, f.RuleID+" "+f.Expression)
		}
		return out
	}
	h.is("before", current(expires.Add(-1)), []string{"a y=2", "b x=1"})
	h.is("at the moment", current(expires), []string{"b x=1"}) // and the one before does not come back
	h.is("after", current(expires.Add(1)), []string{"b x=1"})
	list, err := h.FiltersOf(ctx, "a")
	h.ok(err)
	h.is("history", list, []store.RuleFilter{{ID: 3, RuleID: "a", Expression: "y=2", Reason: "why", Author: "anna",
		Created: base, Expires: expires},
		{ID: 2, RuleID: "a", Expression: "y=1", Reason: "why", Author: "anna", Created: base}})
}
