package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"escutcheon/views/markdown"
)

// Markdown is a note as HTML: what package markdown reads as markup, all else as
// typed, with what would not be seen shown by its name.
func Markdown(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		markdown.Write(&b, text, func(b *strings.Builder, text string) { writeLog(b, text, true) })
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// MarkdownUnlinked is Markdown in which no link leads anywhere: its address is text.
func MarkdownUnlinked(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		markdown.WriteUnlinked(&b, text, func(b *strings.Builder, text string) { writeLog(b, text, true) })
		_, err := io.WriteString(w, b.String())
		return err
	})
}
