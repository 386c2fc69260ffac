package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"escutcheon/views/markdown"
)

// Markdown is a note as HTML: what package markdown reads as markup, all else as
// typed, with what would not be seen shown by its name. A note of more markup than is
// written is shown as typed.
func Markdown(text string) templ.Component { return marked("linked", text, markdown.Write) }

// MarkdownUnlinked is Markdown in which no link leads anywhere: its address is text.
func MarkdownUnlinked(text string) templ.Component {
	return marked("unlinked", text, markdown.WriteUnlinked)
}

func marked(way, text string, write func(*strings.Builder, string, markdown.Escape) bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, rendered.once(way, text, func() string {
			var b strings.Builder
			var seen marks
			if write(&b, text, func(b *strings.Builder, text string) { seen.write(b, text, true) }) {
				return b.String()
			}
			b.Reset()
			b.WriteString(`<p class="told">This text has more than ` + Num(markdown.MaxElements) +
				` parts of Markdown, so it is shown as it was typed.</p><pre>`)
			new(marks).write(&b, text, true)
			b.WriteString(`</pre>`)
			return b.String()
		}))
		return err
	})
}
