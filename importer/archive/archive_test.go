package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"escutcheon/importer/archive"
)

// got is what a walk found of one member.
type got struct {
	archive.Member
	text string
	err  error
}

func (g got) String() string {
	return fmt.Sprintf("%d %q %d bytes, %v", g.Index, g.Path, len(g.text), g.err)
}

// walked is what a walk found.
type walked struct {
	a       *archive.Archive
	members []got
	err     error // of Open or Walk
}

func walk(t testing.TB, in []byte, opt archive.Options) (w walked) {
	t.Helper()
	w.a, w.err = archive.Open(context.Background(), bytes.NewReader(in), int64(len(in)), opt)
	if w.err != nil {
		return w
	}
	w.err = w.a.Walk(func(m *archive.Member) error {
		if m.Index != int64(len(w.members)) || !utf8.ValidString(m.Name) || !utf8.ValidString(m.Path) ||
			len(m.Path) > archive.MaxShown {
			t.Errorf("member %d of %d: %q, a path of %d bytes", m.Index, len(w.members), m.Name, len(m.Path))
		}
		g := got{Member: *m}
		r, err := m.Open()
		if g.err = err; err == nil {
			var b []byte
			b, g.err = io.ReadAll(io.LimitReader(r, 64<<20))
			g.text = string(b)
			if _, err := m.Open(); !errors.Is(err, archive.ErrOnce) {
				t.Errorf("%s is opened twice: %v", m.Path, err)
			}
		}
		w.members = append(w.members, g)
		return nil
	})
	return w
}

// want holds a walk against names and texts, in order: "path", "text", …
func (w walked) want(t *testing.T, what string, pairs ...string) {
	t.Helper()
	if w.err != nil || len(w.members)*2 != len(pairs) {
		t.Fatalf("%s: %d members: %v: %v", what, len(w.members), w.members, w.err)
	}
	for i, m := range w.members {
		if m.Path != pairs[2*i] || m.text != pairs[2*i+1] || m.err != nil {
			t.Errorf("%s: %v, want %q with %d bytes", what, m, pairs[2*i], len(pairs[2*i+1]))
		}
	}
}

type file struct{ name, text string }

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		m, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, NonUTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.text)), Mode: 0o600,
			Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, in []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(in); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lines(n int, of string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d of the %s log\n", i+1, of)
	}
	return b.String()
}

// The files of testdata hold one.log, dir/two.log, dir/empty.log and the
// folders dir and none. zip of Info-ZIP 3.0, 7-Zip 22 and GNU tar 1.34 made
// them; the password is "infected".
var inside = map[string]string{"one.log": lines(60, "first"), "dir/two.log": lines(40, "second"), "dir/empty.log": ""}

func testdata(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		if out[filepath.Base(n)], err = os.ReadFile(n); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// unread are the files of testdata whose method is refused.
var unread = map[string]bool{"ppmd.7z": true, "bcj2.7z": true}

// TestTools reads what zip, 7-Zip and tar write.
func TestTools(t *testing.T) {
	for name, in := range testdata(t) {
		w := walk(t, in, archive.Options{Password: "infected"})
		if w.err != nil || len(w.members) != len(inside) || w.a.Folders != 2 {
			t.Errorf("%s: %v %v", name, w.members, w.err)
			continue
		}
		for _, m := range w.members {
			text, ok := inside[m.Name]
			crypt := strings.Contains(name, "crypt") || strings.Contains(name, "-aes")
			if unread[name] && text != "" {
				if !errors.Is(m.err, archive.ErrMethod) || !errors.Is(m.Err, archive.ErrMethod) ||
					!strings.Contains(m.err.Error(), m.Name) {
					t.Errorf("%s: %v", name, m)
				}
				continue
			}
			if !ok || m.text != text || m.err != nil || m.Size != int64(len(text)) || m.Path != m.Name || text != "" &&
				m.Encrypted != crypt {
				t.Errorf("%s: %v, %t %d", name, m, m.Encrypted, m.Size)
			}
		}
	}
}

// TestPassword asks for one that is missing and tells a wrong one apart.
func TestPassword(t *testing.T) {
	for name, in := range testdata(t) {
		if !strings.Contains(name, "crypt") && !strings.Contains(name, "-aes") {
			continue
		}
		for password, is := range map[string]error{"": archive.ErrPassword, "Infected": archive.ErrWrongPassword,
			"x": archive.ErrWrongPassword} {
			w := walk(t, in, archive.Options{Password: password})
			if name == "encrypted-list.7z" {
				if !errors.Is(w.err, is) {
					t.Errorf("%s with %q: %v", name, password, w.err)
				}
				continue
			}
			if w.err != nil {
				t.Errorf("%s with %q: %v", name, password, w.err)
			}
			for _, m := range w.members {
				if m.Size > 0 && (!errors.Is(m.err, is) || !errors.Is(m.Err, is) || !strings.Contains(m.err.Error(), m.Name)) {
					t.Errorf("%s with %q: %v", name, password, m)
				}
			}
		}
	}
}

// TestManyPasswords tries many wrong passwords on ZipCrypto, of which one in
// 256 passes its own check: none gives bytes.
func TestManyPasswords(t *testing.T) {
	all := testdata(t)
	for _, name := range []string{"infozip-zipcrypto.zip", "7zip-zipcrypto.zip"} {
		for i := range 1000 {
			w := walk(t, all[name], archive.Options{Password: fmt.Sprint("wrong", i)})
			for _, m := range w.members {
				if m.Size > 0 && (!errors.Is(m.err, archive.ErrWrongPassword) || m.text != "") {
					t.Fatalf("%s, password %d: %v", name, i, m)
				}
			}
		}
	}
}

// TestNone leaves what is no container.
func TestNone(t *testing.T) {
	log := lines(60, "first")
	ustar := []byte(strings.Repeat("a line of a log\n", 40))
	copy(ustar[257:], "ustar\x0000")
	for what, in := range map[string][]byte{
		"nothing": nil, "text": []byte(log), "one byte": []byte("P"),
		"an EVTX header":   []byte("ElfFile\x00" + strings.Repeat("\x00", 5000)),
		"a compressed log": gzipped(t, []byte(log)), "compressed nothing": gzipped(t, nil), "zeros": make([]byte, 4096),
		"a log that holds a zip": append([]byte(log), zipped(t, file{"a", log})...), "a log that says ustar": ustar,
		"a log that says BZh": []byte("BZh9 " + log), "a log that says PK": []byte("PK\n" + log),
		"a cut gzip": gzipped(t, []byte(log))[:30],
		"a 7z name":  []byte("7z\xbc\xaf"), "zeros compressed": gzipped(t, make([]byte, 100<<10)),
	} {
		if w := walk(t, in, archive.Options{}); !errors.Is(w.err, archive.ErrNone) {
			t.Errorf("%s: %v %v", what, w.members, w.err)
		}
	}
}

// TestOffice refuses a document, and only it when it lies beside logs.
func TestOffice(t *testing.T) {
	doc := zipped(t, file{"[Content_Types].xml", "<Types/>"}, file{"xl/workbook.xml", "<a/>"})
	if w := walk(t, doc, archive.Options{}); !errors.Is(w.err, archive.ErrOffice) ||
		!strings.Contains(w.err.Error(), "Office document") {
		t.Error(w.err)
	}
	w := walk(t, zipped(t, file{"report.xlsx", string(doc)}, file{"a.log", "a"}), archive.Options{})
	if w.err != nil || len(w.members) != 2 || !errors.Is(w.members[0].err, archive.ErrOffice) ||
		!strings.Contains(w.members[0].err.Error(), "report.xlsx") || w.members[1].text != "a" {
		t.Error(w.members, w.err)
	}
}

// TestStop gives the caller's own error back, and the context's.
func TestStop(t *testing.T) {
	in := zipped(t, file{"a", "a"}, file{"b", "b"})
	stop := errors.New("stop")
	ctx, cancel := context.WithCancel(context.Background())
	a, err := archive.Open(ctx, bytes.NewReader(in), int64(len(in)), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Walk(func(*archive.Member) error { return stop }); err != stop {
		t.Error(err)
	}
	if a, err = archive.Open(ctx, bytes.NewReader(in), int64(len(in)), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	n := 0
	err = a.Walk(func(m *archive.Member) error {
		n++
		r, err := m.Open()
		if err != nil {
			return err
		}
		cancel()
		if _, err := io.Copy(io.Discard, r); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Error(n, err)
	}
}
