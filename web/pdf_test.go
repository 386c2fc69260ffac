package web_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

var (
	pdfObject = regexp.MustCompile(`(?s)(\d+) 0 obj\n(.*?)\nendobj`)
	pdfRef    = regexp.MustCompile(`(\d+) 0 R`)
	pdfKids   = regexp.MustCompile(`(?s)/Kids \[(.*?)\]`)
	pdfNamed  = regexp.MustCompile(`/(\w+) (\d+) 0 R`)
	pdfFonts  = regexp.MustCompile(`(?s)/Font <<(.*?)>>`)
	pdfToText = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	pdfStrip  = regexp.MustCompile(`/Contents (\d+) 0 R`)
	pdfShown  = regexp.MustCompile(`/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)>`)
	cmapPart  = regexp.MustCompile(`(?s)begin(bfchar|bfrange)\n(.*?)\nend`)
	cmapCode  = regexp.MustCompile(`<([0-9A-Fa-f]+)>`)
)

// pdfTexts are the texts of the pages of a PDF as Chromium writes it, without their
// spaces, which a printer sets by position.
func pdfTexts(t testing.TB, pdf []byte) (pages []string) {
	t.Helper()
	objects := map[string][]byte{}
	for _, m := range pdfObject.FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = m[2]
	}
	var walk func(id string)
	walk = func(id string) {
		o := objects[id]
		if m := pdfKids.FindSubmatch(o); m != nil {
			for _, kid := range pdfRef.FindAllSubmatch(m[1], -1) {
				walk(string(kid[1]))
			}
			return
		}
		m := pdfStrip.FindSubmatch(o)
		if m == nil {
			t.Fatalf("page %s of the PDF has no content: %.200s", id, o)
		}
		fonts := map[string]map[string]string{}
		if f := pdfFonts.FindSubmatch(o); f != nil {
			for _, n := range pdfNamed.FindAllSubmatch(f[1], -1) {
				if u := pdfToText.FindSubmatch(objects[string(n[2])]); u != nil {
					fonts[string(n[1])] = cmap(inflated(t, objects[string(u[1])]))
				}
			}
		}
		pages = append(pages, shown(inflated(t, objects[string(m[1])]), fonts))
	}
	root := regexp.MustCompile(`/Type /Catalog\n(?s:.*?)/Pages (\d+) 0 R`).FindSubmatch(pdf)
	if root == nil {
		t.Fatal("the PDF has no pages")
	}
	walk(string(root[1]))
	return pages
}

// inflated is the stream of an object.
func inflated(t testing.TB, o []byte) []byte {
	t.Helper()
	_, data, ok := bytes.Cut(o, []byte("stream\n"))
	if !ok {
		t.Fatalf("no stream: %.100s", o)
	}
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cmap is what a font's codes, of four digits, are as text.
func cmap(stream []byte) map[string]string {
	out := map[string]string{}
	for _, part := range cmapPart.FindAllSubmatch(stream, -1) {
		for line := range strings.Lines(string(part[2])) {
			c := cmapCode.FindAllStringSubmatch(line, -1)
			if string(part[1]) == "bfchar" && len(c) == 2 {
				out[c[0][1]] = utf16Text(c[1][1], 0)
			}
			if string(part[1]) == "bfrange" && len(c) == 3 {
				from, _ := strconv.ParseUint(c[0][1], 16, 16)
				to, _ := strconv.ParseUint(c[1][1], 16, 16)
				for i := from; i <= to; i++ {
					out[strings.ToUpper(hex4(i))] = utf16Text(c[2][1], uint16(i-from))
				}
			}
		}
	}
	return out
}

func hex4(n uint64) string {
	s := "000" + strconv.FormatUint(n, 16)
	return s[len(s)-4:]
}

// utf16Text is UTF-16 in digits, whose last unit is so much higher.
func utf16Text(digits string, more uint16) string {
	var units []uint16
	for i := 0; i+4 <= len(digits); i += 4 {
		n, _ := strconv.ParseUint(digits[i:i+4], 16, 16)
		units = append(units, uint16(n))
	}
	if len(units) > 0 {
		units[len(units)-1] += more
	}
	return string(utf16.Decode(units))
}

// shown is the text that a page's content shows.
func shown(content []byte, fonts map[string]map[string]string) string {
	var b strings.Builder
	var font map[string]string
	for _, m := range pdfShown.FindAllStringSubmatch(string(content), -1) {
		if m[1] != "" {
			font = fonts[m[1]]
			continue
		}
		for i := 0; i+4 <= len(m[2]); i += 4 {
			b.WriteString(font[m[2][i:i+4]])
		}
	}
	return strings.Join(strings.Fields(b.String()), "")
}
