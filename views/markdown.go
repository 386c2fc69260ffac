package views

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// markdown renders notes. goldmark leaves out raw HTML and dangerous links
// unless told otherwise, and nobody tells it.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify))

// Markdown is a note as HTML that is safe to show.
func Markdown(text string) (string, error) {
	var b strings.Builder
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return "", err
	}
	return b.String(), nil
}
