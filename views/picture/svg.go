package picture

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// SVG writes a scene as an SVG file.
func (s Scene) SVG(to io.Writer) error {
	w := svgWriter{bufio.NewWriter(to)}
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%[1]d" height="%[2]d" `+
		`viewBox="0 0 %[1]d %[2]d">`, s.Width, s.Height)
	w.element("title", s.Title)
	w.element("desc", s.Desc)
	fmt.Fprintf(w, `<rect width="%d" height="%d" fill="#ffffff"/>`, s.Width, s.Height)
	for _, i := range s.Items {
		if i.Text != "" {
			w.text(i)
			continue
		}
		w.path(i)
	}
	io.WriteString(w, "</svg>\n")
	return w.Flush()
}

// svgWriter writes elements; what goes wrong Flush says.
type svgWriter struct{ *bufio.Writer }

func (w svgWriter) element(name, text string) {
	w.WriteString("<" + name + ">")
	xml.EscapeText(w, []byte(text))
	w.WriteString("</" + name + ">")
}

func (w svgWriter) text(i Item) {
	fmt.Fprintf(w, `<text x="%s" y="%s" font-family="system-ui, sans-serif" font-size="%s" fill="%s"`, num(i.X), num(i.Y),
		num(i.Size), i.Fill)
	if i.Bold {
		w.WriteString(` font-weight="bold"`)
	}
	if i.End {
		w.WriteString(` text-anchor="end"`)
	}
	w.WriteString(">")
	xml.EscapeText(w, []byte(i.Text))
	w.WriteString("</text>")
}

func (w svgWriter) path(i Item) {
	fmt.Fprintf(w, `<path d="%s"`, i.Path)
	if i.X != 0 || i.Y != 0 {
		fmt.Fprintf(w, ` transform="translate(%s %s)"`, num(i.X), num(i.Y))
	}
	if i.Fill == "" {
		w.WriteString(` fill="none"`)
	} else {
		fmt.Fprintf(w, ` fill="%s"`, i.Fill)
	}
	if i.Opacity > 0 {
		fmt.Fprintf(w, ` fill-opacity="%s"`, num(i.Opacity))
	}
	if i.Stroke != "" {
		fmt.Fprintf(w, ` stroke="%s" stroke-width="%s"`, i.Stroke, num(i.StrokeWidth))
	}
	if i.Dash > 0 {
		fmt.Fprintf(w, ` stroke-dasharray="%s"`, num(i.Dash))
	}
	w.WriteString("/>")
}

func num(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
