package archive_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"escutcheon/importer/archive"
)

// TestNested walks archives where they stand.
func TestNested(t *testing.T) {
	a, b := file{"a.log", "a"}, file{"b/b.log", lines(60, "first")}
	ball := tarred(t, a, b)
	w := walk(t, zipped(t, file{"x.log", "x"}, file{"in.zip", string(zipped(t, a, b))},
		file{"in.tgz", string(gzipped(t, ball))},
		file{"in.tar", string(ball)}, file{"y.evtx.gz", string(gzipped(t, []byte("y")))}), archive.Options{})
	gz := string(gzipped(t, []byte("y")))
	w.want(t, "zip", "x.log", "x", "in.zip!a.log", "a", "in.zip!b/b.log", b.text, "in.tgz!a.log", "a", "in.tgz!b/b.log",
		b.text,
		"in.tar!a.log", "a", "in.tar!b/b.log", b.text, "y.evtx.gz", gz)
	all := testdata(t)
	w = walk(t, gzipped(t, tarred(t, a, file{"n.7z", string(all["lzma2.7z"])}, a,
		file{"m.tar.bz2", string(all["gnu.tar.bz2"])})), archive.Options{})
	if w.err != nil || len(w.members) != 8 || w.a.Folders != 4 || w.members[0].text != "a" ||
		w.members[4].Path != "a.log" {
		t.Fatal(w.members, w.err)
	}
	for _, m := range w.members {
		if m.Name != "a.log" && m.text != inside[m.Name] || m.err != nil {
			t.Error(m)
		}
	}
}

// TestDepth stops at the third archive in another.
func TestDepth(t *testing.T) {
	in := zipped(t, file{"a.log", "a"})
	for _, name := range []string{"2.zip", "1.zip"} {
		in = zipped(t, file{name, string(in)}, file{"beside " + name, "b"})
	}
	w := walk(t, in, archive.Options{})
	w.want(t, "three", "1.zip!2.zip!a.log", "a", "1.zip!beside 2.zip", "b", "beside 1.zip", "b")
	w = walk(t, gzipped(t, tarred(t, file{"0.zip", string(in)}, file{"after", "c"})), archive.Options{})
	if w.err != nil || len(w.members) != 4 || !errors.Is(w.members[0].err, archive.ErrLimit) ||
		!strings.Contains(w.members[0].err.Error(), `"2.zip" is an archive that lies 4 archives deep`) {
		t.Error(w.members, w.err)
	}
}

// TestNestedTrouble says of each archive inside what is wrong with it, and
// goes on.
func TestNestedTrouble(t *testing.T) {
	sound := zipped(t, file{"a.log", "a"}, file{"b.log", lines(60, "first")})
	ball := gzipped(t, tarred(t, file{"c.log", lines(60, "first")}))
	all := testdata(t)
	w := walk(t, tarred(t, file{"cut.zip", string(sound[:len(sound)-40])}, file{"cut.tgz", string(ball[:len(ball)-20])},
		file{"empty.zip", string(zipped(t))},
		file{"cut.7z", string(all["lzma.7z"][:300])}, file{"secret.7z", string(all["encrypted-list.7z"])},
		file{"after.log", "z"}), archive.Options{})
	if w.err != nil {
		t.Fatal(w.err)
	}
	for i, want := range []struct {
		path, text, skip, err string
		is                    error
	}{
		{path: "cut.zip!a.log", text: "a"},
		{path: "cut.zip!b.log", text: lines(60, "first")},
		{path: "cut.zip", err: `In the archive "cut.zip": The zip archive is cut short`, is: io.ErrUnexpectedEOF},
		{path: "cut.tgz!c.log", text: lines(60, "first")},
		{path: "cut.tgz", err: `In the archive "cut.tgz": The gzip file is cut short`, is: io.ErrUnexpectedEOF},
		{path: "empty.zip", skip: "no file in it"},
		{path: "cut.7z", err: `In the archive "cut.7z": The 7z archive is cut short`, is: io.ErrUnexpectedEOF},
		{path: "secret.7z", err: `it needs a password`, is: archive.ErrPassword},
		{path: "after.log", text: "z"},
	} {
		if i >= len(w.members) {
			t.Fatal(w.members)
		}
		m := w.members[i]
		ok := m.Path == want.path && m.text == want.text && strings.Contains(m.Skip, want.skip) &&
			(want.skip == "") == (m.Skip == "")
		if want.is != nil {
			ok = ok && errors.Is(m.Err, want.is) && strings.Contains(m.err.Error(), want.err)
		} else if want.skip == "" {
			ok = ok && m.err == nil
		}
		if !ok {
			t.Errorf("%d: %v (%s)", i, m, m.Skip)
		}
	}
}

// place is a Temp that knows whether it was given back.
type place struct {
	b      []byte
	full   int
	closed int
}

func (p *place) Write(b []byte) (int, error) {
	if p.full > 0 && len(p.b)+len(b) > p.full {
		return 0, errFull
	}
	p.b = append(p.b, b...)
	return len(b), nil
}

var errFull = errors.New("the disk is full")

func (p *place) ReadAt(b []byte, off int64) (int, error) { return bytes.NewReader(p.b).ReadAt(b, off) }
func (p *place) Close() error                            { p.closed++; return nil }

// TestTemp puts archives inside others where the caller says, and gives the
// place back; without one they must fit into memory.
func TestTemp(t *testing.T) {
	if testing.Short() {
		t.Skip("packs and unpacks 48 MiB a few times; not in -short")
	}
	big := strings.Repeat("0123456789abcdef", 3<<20)
	inner := string(tarZip(t, file{"big.log", big}))
	in := zipped(t, file{"in.zip", inner}, file{"bad.zip", inner[:1000]}, file{"b", "b"})
	w := walk(t, in, archive.Options{})
	if w.err != nil || len(w.members) != 4 || !errors.Is(w.members[0].err, archive.ErrLimit) || w.members[3].text != "b" {
		t.Errorf("in memory: %v %v", w.members, w.err)
	}
	var places []*place
	temp := func() (archive.Temp, error) { places = append(places, &place{}); return places[len(places)-1], nil }
	w = walk(t, in, archive.Options{Temp: temp})
	if w.err != nil || len(w.members) != 4 || w.members[0].text != big || w.members[0].err != nil {
		t.Errorf("with places: %d %v", len(w.members), w.err)
	}
	if len(places) != 2 || places[0].closed != 1 || places[1].closed != 1 {
		t.Errorf("%d places", len(places))
	}
	full := &place{full: 1 << 20}
	w = walk(t, in, archive.Options{Temp: func() (archive.Temp, error) { return full, nil }})
	if w.err != errFull || full.closed != 1 {
		t.Errorf("full: %v", w.err)
	}
	w = walk(t, in, archive.Options{Temp: func() (archive.Temp, error) { return nil, errFull }})
	if w.err != errFull {
		t.Errorf("none: %v", w.err)
	}
}
