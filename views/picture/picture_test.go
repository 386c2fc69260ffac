package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"escutcheon/views/picture"
)

func drawn(t *testing.T, items ...picture.Item) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := (picture.Scene{Width: 40, Height: 20, Items: items}).PNG(&b); err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(&b)
	if err != nil || m.Bounds() != image.Rect(0, 0, 80, 40) {
		t.Fatal(m.Bounds(), err)
	}
	return m
}

// Shapes stand where their data says, moved by X and Y, twice as dense.
func TestShapes(t *testing.T) {
	red, white := color.NRGBA{255, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	for _, c := range []struct {
		name    string
		item    picture.Item
		in, out image.Point
	}{
		{"a square", picture.Item{Path: "M0 0h4v4h-4Z", X: 10, Y: 5, Fill: "#ff0000"}, image.Pt(24, 14), image.Pt(16, 14)},
		{"by places", picture.Item{Path: "M10 5H14V9H10Z", Fill: "#ff0000"}, image.Pt(24, 14), image.Pt(32, 14)},
		{"a circle", picture.Item{Path: "M6 10a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", Fill: "#ff0000"}, image.Pt(20, 14),
			image.Pt(13, 13)},
		{"its other half", picture.Item{Path: "M6 10a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", Fill: "#ff0000"}, image.Pt(20, 26),
			image.Pt(27, 27)},
		{"a line", picture.Item{Path: "M0 10H40", Stroke: "#ff0000", StrokeWidth: 2}, image.Pt(40, 20), image.Pt(40, 25)},
		{"dashes", picture.Item{Path: "M0 10H40", Stroke: "#ff0000", StrokeWidth: 2, Dash: 4}, image.Pt(4, 20),
			image.Pt(12, 20)},
		{"around it", picture.Item{Path: "M4 4h20v10h-20Z", Stroke: "#ff0000", StrokeWidth: 2}, image.Pt(8, 20),
			image.Pt(24, 18)},
		{"a slope", picture.Item{Path: "M10 2l8 8l-16 0Z", Fill: "#ff0000"}, image.Pt(20, 16), image.Pt(8, 6)},
		{"outside", picture.Item{Path: "M-500 -500h5v5Z", Fill: "#ff0000"}, image.Pt(-1, -1), image.Pt(0, 0)},
		{"what is no path", picture.Item{Path: "M0 0h1Q", Fill: "#ff0000"}, image.Pt(-1, -1), image.Pt(9, 9)},
	} {
		m := drawn(t, c.item)
		if got := color.NRGBAModel.Convert(m.At(c.in.X, c.in.Y)); c.in.X >= 0 && got != red {
			t.Errorf("%s: %v within", c.name, got)
		}
		if got := color.NRGBAModel.Convert(m.At(c.out.X, c.out.Y)); got != white {
			t.Errorf("%s: %v without", c.name, got)
		}
	}
	if got := color.NRGBAModel.Convert(drawn(t, picture.Item{Path: "M0 0h40v20h-40Z", Fill: "#000000",
		Opacity: .5}).At(9, 9)).(color.NRGBA); got.R < 120 || got.R > 135 {
		t.Errorf("half of black on white is %v", got)
	}
}

// A text begins or ends at its place.
func TestText(t *testing.T) {
	ink := func(m image.Image) (left, right int) {
		for x := range m.Bounds().Dx() {
			for y := range m.Bounds().Dy() {
				if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
					if left == 0 {
						left = x
					}
					right = x
				}
			}
		}
		return left, right
	}
	text := picture.Item{Text: "HIH", X: 20, Y: 14, Size: 6, Fill: "#000000"}
	if left, right := ink(drawn(t, text)); left < 40 || left > 44 || right > 70 {
		t.Errorf("it stands from %d to %d", left, right)
	}
	text.End, text.Bold = true, true
	if left, right := ink(drawn(t, text)); left < 8 || right < 34 || right > 40 {
		t.Errorf("at its end it stands from %d to %d", left, right)
	}
}

// An SVG is XML whatever its texts are, and has neither style nor script nor link.
func TestSVG(t *testing.T) {
	evil := "</text><script>alert(1)</script>&\x00\u202e]]>\"'"
	var b bytes.Buffer
	s := picture.Scene{Width: 10, Height: 10, Title: evil, Desc: evil, Items: []picture.Item{
		{Text: evil, Size: 11, Fill: "#000000", End: true, Bold: true},
		{Path: "M0 0h1", X: 1, Y: 2, Stroke: "#ff0000", StrokeWidth: 1.5, Dash: 4}}}
	if err := s.SVG(&b); err != nil {
		t.Fatal(err)
	}
	d, names := xml.NewDecoder(strings.NewReader(b.String())), []string{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			names = append(names, e.Name.Local)
			for _, a := range e.Attr {
				if a.Name.Local == "style" || a.Name.Local == "class" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("an attribute %s", a.Name.Local)
				}
			}
		}
	}
	if got := strings.Join(names, " "); got != "svg title desc rect text path" {
		t.Errorf("elements %s", got)
	}
	if err := s.SVG(full{}); err == nil {
		t.Error("a writer that fails is told")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }
