package web_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"escutcheon/demo"
)

// paletted is a PNG of at most 256 colours, which is a third of what a browser writes:
// of colours that are nearly alike the most frequent, and of the others the nearest of
// these.
func paletted(t testing.TB, data []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	bounds, count := from.Bounds(), map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], bytes.Compare([]byte{a.R, a.G, a.B}, []byte{b.R, b.G, b.B}))
	})
	var palette color.Palette
	alike := map[[3]uint8]bool{}
	for _, fine := range []uint8{4, 0} { // what is rare and red is not to be grey
		for _, c := range colours {
			k := [3]uint8{c.R >> fine, c.G >> fine, c.B >> fine}
			if len(palette) < 256 && !alike[k] && (fine > 0 || !slices.Contains(palette, color.Color(c))) {
				alike[k], palette = true, append(palette, c)
			}
		}
		clear(alike)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// mostPicture is how many bytes a picture of the walk has at most.
const mostPicture = 150 << 10

// clear removes the pictures of an earlier walk: this one may have fewer.
func (w *walk) clear() {
	w.t.Helper()
	if w.dir == "" {
		return
	}
	old, err := filepath.Glob(filepath.Join(w.dir, "*.png"))
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// shot ends a step: nothing of the page is wider than the window, and the page from the
// selector on is kept as a picture.
func (w *walk) shot(name, from string) {
	w.t.Helper()
	w.step.Add(1)
	if wide := eval[bool](w.tab, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		w.t.Errorf("%s scrolls sideways", name)
	}
	if w.dir == "" {
		return
	}
	w.do(evaluated(fmt.Sprintf(`document.activeElement?.blur(); scrollTo(0, 0); if (%q)
		scrollTo(0, document.querySelector(%q).getBoundingClientRect().top - 16)`, from, from)))
	data, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	w.keep(name, data)
}

func (w *walk) keep(name string, data []byte) {
	w.t.Helper()
	data = paletted(w.t, data)
	if len(data) > mostPicture {
		w.t.Errorf("%s has %d bytes", name, len(data))
	}
	if err := os.WriteFile(filepath.Join(w.dir, name+".png"), data, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// sameLog fails unless a log is the one to which the document leads, or makes it so.
func (w *walk) sameLog(l demo.PairLog) {
	w.t.Helper()
	if w.dir != "" {
		if err := os.WriteFile(filepath.Join(w.dir, l.Name), l.Data, 0o644); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	f, err := os.Open(filepath.Join("../docs/walkthrough", l.Name))
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if !bytes.Equal(unzipped(w.t, f), unzipped(w.t, bytes.NewReader(l.Data))) {
		w.t.Errorf("docs/walkthrough/%s is another log: run go tool task walkthrough", l.Name)
	}
}

func unzipped(t testing.TB, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// keepPages keeps each page of a PDF as a picture.
func (w *walk) keepPages(pdf []byte, n int) {
	w.t.Helper()
	for i := range n {
		c := exec.Command("pdftoppm", "-png", "-r", "80", "-f", fmt.Sprint(i+1), "-l", fmt.Sprint(i+1), "-")
		c.Stdin = bytes.NewReader(pdf)
		data, err := c.Output()
		if err != nil {
			w.t.Fatalf("pdftoppm (on Debian: apt-get install poppler-utils): %v", err)
		}
		w.keep(fmt.Sprintf("page-%02d", i+1), data)
	}
}
