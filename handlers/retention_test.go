package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestRetentionPage: the setting is kept as it was typed, what is no age or size is
// refused with what was typed, and a look before changes nothing.
func TestRetentionPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	for _, bad := range []url.Values{{"age": {"soon"}}, {"age": {"-1d"}}, {"size": {"<b>big"}}} {
		a := s.Post(t, "/settings/retention", bad)
		if a.Status != 400 || !strings.Contains(a.Body, "write it as in") || strings.Contains(a.Body, "<b>big") {
			t.Errorf("%v: %d", bad, a.Status)
		}
	}
	if a := s.Get(t, "/settings/retention?age=1h"); a.Status != 200 || !strings.Contains(a.Body, "What would go") ||
		!strings.Contains(a.Body, "Nothing was changed.") {
		t.Errorf("a look before: %d %s", a.Status, a.Body)
	}
	for _, k := range []struct{ age, size, says string }{{"36h", "", `value="36h"`}, {"48h", "3072MiB", `value="3GiB"`},
		{"", "", "off: everything is kept"}} {
		if a := s.Post(t, "/settings/retention", url.Values{"age": {k.age}, "size": {k.size}}); a.Status != 303 {
			t.Errorf("%+v: %d", k, a.Status)
		}
		if a := s.Get(t, "/settings/retention"); !strings.Contains(a.Body, k.says) {
			t.Errorf("%+v: not on the page:\n%s", k, a.Body)
		}
	}
	type answer struct {
		Age   string
		Runs  []struct{}
		Would *struct{ Kept, Of int64 }
	}
	a := decodeJSON[answer](t, s.Get(t, "/settings/retention?age=1h", "Accept", consoletest.JSON), 200)
	if a.Age != "" || a.Runs == nil || a.Would == nil || a.Would.Of == 0 || a.Would.Kept != a.Would.Of {
		t.Errorf("%+v", a)
	}
}
