package views_test

import (
	"io"
	"strings"
	"testing"

	"escutcheon/views"
)

// BenchmarkMarkdown is a view of a note: of a usual one, and of hostile ones as long as a
// note may be. "written" is what it is as HTML, as a multiple of its text.
func BenchmarkMarkdown(b *testing.B) {
	for name, part := range map[string]string{
		"usual": "Checked `httpstrm.dll` on **web02**, see https://a.example/1.\n", "quotes": "> > > ",
		"quoted lines": "> > >\n\n", "controls": "\x01", "controls and letters": "\x01a", "marks": "*`a",
		"items": "1. a\n\n", "mentions": "@host:a ",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(part, 100_000/len(part))
			c := views.Markdown(text)
			var out strings.Builder
			if err := c.Render(b.Context(), &out); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Render(b.Context(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len())/float64(len(text)), "written")
		})
	}
}
