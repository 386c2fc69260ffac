package record

import (
	"strings"
	"testing"
	"unicode"

	"escutcheon/event"
)

// TestInTemplate: whoever looks through records for a part of a message knows what
// templates add.
func TestInTemplate(t *testing.T) {
	t.Parallel()
	for id, parts := range iisMessages {
		for _, p := range parts {
			for _, w := range strings.FieldsFunc(p.text, func(r rune) bool { return !unicode.IsLetter(r) }) {
				if !event.InTemplate(w) || !event.InTemplate(strings.ToUpper(w[:1])) {
					t.Errorf("event %d: %q is of a template", id, w)
				}
			}
		}
	}
	if event.InTemplate("appcmd") {
		t.Error("appcmd is of no template")
	}
}
