package views_test

import (
	"strings"
	"testing"

	"escutcheon/views"
)

// TestRetentionElsewhere: the page says how much of what is used lies where events are kept,
// and where that is not known.
func TestRetentionElsewhere(t *testing.T) {
	p := views.RetentionPage{Used: 3 << 20, UsedElsewhere: 2 << 20, Elsewhere: "clickhouse://h:1/x"}
	for says, unknown := range map[string]bool{"of it in clickhouse://h:1/x": false, "which is not known now": true} {
		p.Unknown = unknown
		if text := render(t, views.Retention(p)); !strings.Contains(text, says) {
			t.Errorf("%q is not in\n%s", says, text)
		}
	}
}
