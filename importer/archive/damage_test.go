package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"escutcheon/importer/archive"
)

var three = []file{{"a.log", lines(60, "first")}, {"b.log", lines(40, "second")}, {"c.log", lines(20, "third")}}

// TestDamagedMember loses one member and goes on with the rest.
func TestDamagedMember(t *testing.T) {
	all := testdata(t)
	for what, in := range map[string][]byte{"zip": zipped(t, three...), "stored zip": tarZip(t, three...)} {
		at := bytes.LastIndex(in[:bytes.Index(in, []byte("PK\x01\x02"))], []byte("b.log")) + 25
		bad := bytes.Clone(in)
		bad[at] ^= 0x10
		w := walk(t, bad, archive.Options{})
		if w.err != nil || len(w.members) != 3 || w.members[0].text != three[0].text || w.members[2].text != three[2].text {
			t.Fatalf("%s: %v %v", what, w.members, w.err)
		}
		if m := w.members[1]; !errors.Is(m.err, io.ErrUnexpectedEOF) ||
			!strings.Contains(m.err.Error(), `"b.log" is damaged`) {
			t.Errorf("%s: %v", what, m)
		}
	}
	bad := bytes.Clone(all["nonsolid.7z"])
	bad[32+20] ^= 1
	w := walk(t, bad, archive.Options{})
	if w.err != nil || len(w.members) != 3 || !errors.Is(w.members[1].err, io.ErrUnexpectedEOF) ||
		w.members[2].err != nil || w.members[2].text != inside[w.members[2].Name] {
		t.Errorf("7z: %v %v", w.members, w.err)
	}
	ball := tarred(t, three...)
	at := bytes.Index(ball, []byte("b.log"))
	ball[at+150] ^= 1
	w = walk(t, ball, archive.Options{})
	if !errors.Is(w.err, io.ErrUnexpectedEOF) || len(w.members) != 2 || w.members[1].Name != "c.log" ||
		w.members[1].text != three[2].text {
		t.Errorf("tar: %v %v", w.members, w.err)
	}
}

// TestDamagedList finds the members after a damaged entry of a zip's list.
func TestDamagedList(t *testing.T) {
	in := zipped(t, three...)
	at := bytes.Index(in, []byte("PK\x01\x02"))
	at += 1 + bytes.Index(in[at+1:], []byte("PK\x01\x02"))
	in[at+2] = 'x'
	w := walk(t, in, archive.Options{})
	if !errors.Is(w.err, io.ErrUnexpectedEOF) || !strings.Contains(w.err.Error(), "says 3, and 2 were found") ||
		len(w.members) != 2 || w.members[1].text != three[2].text {
		t.Error(w.members, w.err)
	}
}

// TestCut cuts each kind after every byte. What is said to be whole is whole,
// and the end is missed.
func TestCut(t *testing.T) {
	var stream bytes.Buffer // sizes before the bytes, and no descriptors
	z := zip.NewWriter(&stream)
	for _, f := range three {
		h := &zip.FileHeader{Name: f.name, Method: zip.Store, UncompressedSize64: uint64(len(f.text)),
			CompressedSize64: uint64(len(f.text)), CRC32: crc(f.text)}
		m, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for what, in := range map[string][]byte{"zip": zipped(t, three...), "stored zip": tarZip(t, three...),
		"zip without descriptors": stream.Bytes(),
		"tar":                     tarred(t, three...), "tar.gz": gzipped(t, tarred(t, three...))} {
		end := len(in)
		if what == "tar" {
			end -= 512 // what comes after the mark says nothing
		}
		step := 1
		if testing.Short() {
			step = 7
		}
		for n := 600; n < end; n += step {
			w := walk(t, in[:n], archive.Options{})
			if errors.Is(w.err, archive.ErrNone) && what == "tar.gz" {
				continue
			}
			missed := w.err != nil
			for i, m := range w.members {
				text := three[i].text
				missed = missed || m.err != nil
				read := m.text
				if what == "stored zip" && m.err != nil { // what is left of a descriptor looks like the member's
					read = read[:min(len(read), len(text))]
				}
				if i >= 3 || !strings.HasPrefix(text, read) || m.err == nil && (m.text != text || m.Name != three[i].name) {
					t.Fatalf("%s cut at %d: %v", what, n, m)
				}
				if m.err != nil && !errors.Is(m.err, io.ErrUnexpectedEOF) {
					t.Fatalf("%s cut at %d: %v", what, n, m)
				}
			}
			if !missed {
				t.Fatalf("%s cut at %d of %d: %v", what, n, end, w.members)
			}
			if w.err != nil && !errors.Is(w.err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: %v", what, n, w.err)
			}
			if strings.HasSuffix(what, "zip") && n > bytes.Index(in, []byte("c.log"))+2 &&
				(len(w.members) < 2 || w.members[1].text != three[1].text) {
				t.Fatalf("%s cut at %d: %v", what, n, w.members)
			}
		}
	}
}

func crc(s string) uint32 {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	m, _ := z.Create("x") // writing to memory
	_, _ = io.WriteString(m, s)
	_ = z.Close()
	return binary.LittleEndian.Uint32(b.Bytes()[bytes.Index(b.Bytes(), []byte("PK\x01\x02"))+16:])
}

// TestBytes changes and cuts what tools write, at every seventeenth byte or so. Nothing
// panics or hangs, and no changed bytes pass for the member's own.
func TestBytes(t *testing.T) {
	for name, in := range testdata(t) {
		step := 17
		// keys take long, and a tar is mostly zeros
		if strings.Contains(name, "encrypted") || strings.Contains(name, "-aes") || name == "gnu.tar" {
			step = 41
		}
		if testing.Short() {
			step *= 8
		}
		for i := 0; i < len(in); i += step {
			bad := bytes.Clone(in)
			bad[i] ^= 1 << (i * 5 % 8)
			for what, b := range map[string][]byte{"changed": bad, "cut": in[:i]} {
				w := walk(t, b, archive.Options{Password: "infected"})
				for _, m := range w.members {
					if text, ok := inside[m.Name]; ok && m.err == nil && m.text != text && !strings.HasPrefix(name, "gnu.tar") {
						t.Fatalf("%s, byte %d %s: %v", name, i, what, m)
					}
				}
			}
		}
	}
}

// TestBefore reads a zip after other bytes of its own kind of file, as a
// downloader leaves them, and one with a comment.
func TestBefore(t *testing.T) {
	in := zipped(t, three...)
	spanned := append([]byte("PK\x07\x08"), in...)
	pairs := []string{"a.log", three[0].text, "b.log", three[1].text, "c.log", three[2].text}
	walk(t, spanned, archive.Options{}).want(t, "a marker of split archives", pairs...)
	comment := bytes.Clone(in)
	binary.LittleEndian.PutUint16(comment[len(comment)-2:], 30)
	comment = append(comment, "PK\x05\x06 a comment of thirty bytes"[:30]...)
	walk(t, comment, archive.Options{}).want(t, "a comment", pairs...)
}

// TestManyMembers reads a zip of more members than 16 bits count.
func TestManyMembers(t *testing.T) {
	files := make([]file, 70_000)
	for i := range files {
		files[i] = file{fmt.Sprint(i), ""}
	}
	w := walk(t, tarZip(t, files...), archive.Options{})
	if w.err != nil || len(w.members) != len(files) || w.members[69_999].Name != "69999" {
		t.Fatal(len(w.members), w.err)
	}
}

func FuzzWalk(f *testing.F) {
	for _, in := range testdata(f) {
		f.Add(in)
	}
	f.Add(zipped(f, three...))
	f.Add(zipped(f, file{"in.zip", string(zipped(f, three...))}, file{"in.tgz", string(gzipped(f, tarred(f, three...)))}))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || len(in) > 1<<16 {
			return
		}
		var own *archive.Error
		opt := archive.Options{Total: 64 << 20, Members: 1000}
		if in[0] == 'P' { // the keys of a 7z take too long
			opt.Password = "infected"
		}
		w := walk(t, in, opt)
		if w.err != nil && w.err != archive.ErrNone && !errors.As(w.err, &own) {
			t.Fatalf("%T %v", w.err, w.err)
		}
		for _, m := range w.members {
			if m.err != nil && !errors.As(m.err, &own) {
				t.Fatalf("%v: %T", m, m.err)
			}
		}
	})
}

func BenchmarkZip(b *testing.B) {
	for _, c := range []struct {
		name       string
		n, records int
	}{{"many", 1000, 300}, {"small", 10_000, 3}} {
		files := make([]file, c.n)
		size := 0
		for i := range files {
			files[i] = file{fmt.Sprintf("C/Windows/System32/winevt/Logs/%d.evtx", i), lines(c.records, fmt.Sprint(i*i))}
			size += len(files[i].text)
		}
		in := zipped(b, files...)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				a, err := archive.Open(b.Context(), bytes.NewReader(in), int64(len(in)), archive.Options{})
				if err != nil {
					b.Fatal(err)
				}
				total := int64(0)
				err = a.Walk(func(m *archive.Member) error {
					r, err := m.Open()
					if err != nil {
						return err
					}
					n, err := io.Copy(io.Discard, r)
					total += n
					return err
				})
				if err != nil || total != int64(size) {
					b.Fatal(total, err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(c.n)/b.Elapsed().Seconds(), "members/s")
		})
	}
}
