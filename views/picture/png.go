package picture

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// density is how many points of a PNG one unit of a scene is long.
const density = 2

// PNG writes a scene as a PNG file.
func (s Scene) PNG(to io.Writer) error {
	p := canvas{Image: image.NewRGBA(image.Rect(0, 0, s.Width*density, s.Height*density)), faces: map[faceKey]font.Face{}}
	draw.Draw(p.Image, p.Image.Bounds(), image.White, image.Point{}, draw.Src)
	for _, i := range s.Items {
		if i.Text != "" {
			if err := p.text(i); err != nil {
				return err
			}
			continue
		}
		p.path(i)
	}
	return png.Encode(to, p.Image)
}

type canvas struct {
	Image *image.RGBA
	faces map[faceKey]font.Face
}

type faceKey struct {
	size float64
	bold bool
}

// colourOf reads "#rrggbb".
func colourOf(s string, opacity float64) color.NRGBA {
	if opacity == 0 {
		opacity = 1
	}
	out := color.NRGBA{A: uint8(math.Round(255 * min(1, opacity)))}
	if n, err := strconv.ParseUint(s[min(1, len(s)):], 16, 24); err == nil {
		out.R, out.G, out.B = uint8(n>>16), uint8(n>>8), uint8(n)
	}
	return out
}

// fonts are parsed once.
var fonts = sync.OnceValues(func() (out [2]*opentype.Font, err error) {
	for i, data := range [][]byte{goregular.TTF, gobold.TTF} {
		if out[i], err = opentype.Parse(data); err != nil {
			return out, err
		}
	}
	return out, nil
})

func (p *canvas) face(i Item) (font.Face, error) {
	k := faceKey{i.Size, i.Bold}
	if f, ok := p.faces[k]; ok {
		return f, nil
	}
	all, err := fonts()
	if err != nil {
		return nil, err
	}
	of := all[0]
	if i.Bold {
		of = all[1]
	}
	f, err := opentype.NewFace(of, &opentype.FaceOptions{Size: i.Size * density, DPI: 72, Hinting: font.HintingNone})
	p.faces[k] = f
	return f, err
}

func (p *canvas) text(i Item) error {
	f, err := p.face(i)
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: p.Image, Src: image.NewUniform(colourOf(i.Fill, i.Opacity)), Face: f,
		Dot: fixed.P(int(math.Round(i.X*density)), int(math.Round(i.Y*density)))}
	if i.End {
		d.Dot.X -= d.MeasureString(i.Text)
	}
	d.DrawString(i.Text)
	return nil
}

func (p *canvas) path(i Item) {
	lines := outlines(i.Path)
	for l := range lines {
		for n := range lines[l].points {
			at := &lines[l].points[n]
			at.x, at.y = (at.x+i.X)*density, (at.y+i.Y)*density
		}
	}
	if i.Fill != "" {
		p.fill(lines, colourOf(i.Fill, i.Opacity))
	}
	if i.Stroke == "" {
		return
	}
	var strokes []outline
	for _, l := range lines {
		strokes = append(strokes, stroke(l, i.StrokeWidth*density, i.Dash*density)...)
	}
	p.fill(strokes, colourOf(i.Stroke, 0))
}

// fill fills outlines together, where they lie on the picture.
func (p *canvas) fill(lines []outline, c color.NRGBA) {
	box := around(lines).Intersect(p.Image.Bounds())
	if box.Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	on := func(at point) (x, y float32) {
		return float32(min(max(at.x-float64(box.Min.X), 0), float64(box.Dx()))),
			float32(min(max(at.y-float64(box.Min.Y), 0), float64(box.Dy())))
	}
	for _, l := range lines {
		for n, at := range l.points {
			x, y := on(at)
			if n == 0 {
				z.MoveTo(x, y)
				continue
			}
			z.LineTo(x, y)
		}
		z.ClosePath()
	}
	z.Draw(p.Image, box, image.NewUniform(c), image.Point{})
}

// around is the rectangle that outlines lie in.
func around(lines []outline) (box image.Rectangle) {
	for _, l := range lines {
		for _, at := range l.points {
			x, y := int(math.Floor(at.x)), int(math.Floor(at.y))
			box = box.Union(image.Rect(x-1, y-1, x+2, y+2))
		}
	}
	return box
}

// stroke are the outlines of a line's strokes: of each of its stretches, and of one
// with dashes each of these.
func stroke(l outline, wide, dash float64) (out []outline) {
	points := l.points
	if l.closed && len(points) > 0 {
		points = append(points[:len(points):len(points)], points[0])
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		long := math.Hypot(b.x-a.x, b.y-a.y)
		if long == 0 {
			continue
		}
		step, part := long, long
		if dash > 0 {
			step, part = 2*dash, dash
		}
		dx, dy := (b.x-a.x)/long, (b.y-a.y)/long
		for from := 0.0; from < long; from += step {
			to, room := min(from+part, long), 0.0
			if dash == 0 {
				room = wide / 2 // for corners to be whole
			}
			out = append(out, bar(point{a.x + dx*(from-room), a.y + dy*(from-room)},
				point{a.x + dx*(to+room), a.y + dy*(to+room)}, point{-dy * wide / 2, dx * wide / 2}))
		}
	}
	return out
}

// bar is the outline of a stroke from one point to another.
func bar(a, b, side point) outline {
	return outline{points: []point{{a.x + side.x, a.y + side.y}, {b.x + side.x, b.y + side.y},
		{b.x - side.x, b.y - side.y}, {a.x - side.x, a.y - side.y}}, closed: true}
}
