package views

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// markdown renders notes. goldmark leaves out raw HTML and dangerous links
// unless told otherwise, and nobody tells it.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(imagesAsText{}, 1))))

// imagesAsText writes an image as its text and address: a page fetches nothing
// from elsewhere.
type imagesAsText struct{}

// RegisterFuncs is as renderer.NodeRenderer has it.
func (imagesAsText) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindImage, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		text := "[image "
		if !entering {
			text = ", " + string(util.EscapeHTML(n.(*ast.Image).Destination)) + "]"
		}
		_, err := w.WriteString(text)
		return ast.WalkContinue, err
	})
}

// Markdown is a note as HTML that is safe to show.
func Markdown(text string) (string, error) {
	var b strings.Builder
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return "", err
	}
	return b.String(), nil
}
