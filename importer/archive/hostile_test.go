package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"escutcheon/importer/archive"
)

// tarZip is a zip whose members are as they are, not compressed.
func tarZip(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		m, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
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

// TestNames carries every name as it is, as data.
func TestNames(t *testing.T) {
	long := strings.Repeat("é/0123456789", 315) + "x" // 4,096 bytes
	names := []string{"../../etc/passwd", "/etc/passwd", `C:\Windows\System32\winevt\Logs\System.evtx`, `\\host\share\x`,
		"CON", "NUL.evtx", "a\nb\x1b[31m\x7f",
		"a\x00b", "", ".", "..", " ", "-rf", "a.log", "a.log", "A.LOG", "<script>alert(1)</script>", "=cmd|x",
		"\u202egnp.exe", long, "Ünïcödé/日本.evtx"}
	var files []file
	var pairs []string
	for _, n := range names {
		files = append(files, file{n, "text of " + n[:min(len(n), 20)]})
		pairs = append(pairs, n, files[len(files)-1].text)
	}
	w := walk(t, zipped(t, files...), archive.Options{})
	if len(w.members) != len(names) || w.members[19].Name != long {
		t.Fatal(w.members, w.err)
	}
	pairs[38] = long[:997] + "…"
	w.want(t, "zip", pairs...)
	var pax []file
	for _, f := range files {
		if f.name != "" && !strings.Contains(f.name, "\x00") {
			pax = append(pax, f)
		}
	}
	w = walk(t, tarred(t, pax...), archive.Options{})
	if w.err != nil || len(w.members) != len(pax) {
		t.Fatal(w.members, w.err)
	}
	for i, m := range w.members {
		if m.Name != pax[i].name || m.text != pax[i].text {
			t.Errorf("tar: %v, want %q", m, pax[i].name)
		}
	}
	w = walk(t, zipped(t, file{"caf\x82.evtx", "1"}, file{"caf\xe9.evtx", "2"}), archive.Options{})
	w.want(t, "code page 437", "café.evtx", "1", "cafΘ.evtx", "2")
}

// TestKinds says what is no file: folders are counted, links and devices are
// members without bytes.
func TestKinds(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{{Name: "d/", Typeflag: tar.TypeDir},
		{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "../../etc/shadow"},
		{Name: "h", Typeflag: tar.TypeLink, Linkname: "a"}, {Name: "n", Typeflag: tar.TypeChar},
		{Name: "p", Typeflag: tar.TypeFifo}, {Name: "a", Typeflag: tar.TypeReg}} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := walk(t, b.Bytes(), archive.Options{})
	if got.err != nil || got.a.Folders != 1 || len(got.members) != 5 {
		t.Fatal(got.members, got.err)
	}
	for i, skip := range []string{`a link to "../../etc/shadow"`, "a link", "a device", "a device or a pipe", ""} {
		if m := got.members[i]; !strings.Contains(m.Skip, skip) || (m.Skip == "") != (skip == "") ||
			(m.err == nil) != (skip == "") {
			t.Errorf("%v: %s", m, m.Skip)
		}
	}
}

// zeros are n bytes that compress a thousandfold.
func zeros(n int) string { return strings.Repeat("\x00", n) }

// TestLimits meets every limit, with a sentence that names it.
func TestLimits(t *testing.T) {
	bomb := zipped(t, file{"small", "a"}, file{"bomb.log", zeros(4 << 20)}, file{"after", "b"})
	opt := archive.Options{Floor: 1 << 20, Ratio: 500}
	w := walk(t, bomb, archive.Options{Ratio: 500})
	if w.err != nil || len(w.members) != 3 || len(w.members[1].text) != 4<<20 {
		t.Errorf("below the floor: %v", w.err)
	}
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(i * i >> 3 * 7)
	}
	w = walk(t, append(zipped(t, file{"noise.png", ""}), 0), opt)
	if w.err != nil {
		t.Errorf("a byte after the zip: %v", w.err)
	}
	w = walk(t, tarZip(t, file{"in.zip", string(bomb)}, file{"noise", string(noise)}), opt)
	if w.err != nil || len(w.members) != 4 || !errors.Is(w.members[1].err, archive.ErrLimit) ||
		!strings.Contains(w.members[1].err.Error(), `"bomb.log" unpacks to more than 500 times`) || w.members[2].text != "b" {
		t.Errorf("a member's ratio: %v %v", w.members, w.err)
	}
	many := make([]file, 20)
	for i := range many {
		many[i] = file{"f", zeros(900 << 10)}
	}
	zip, tar := zipped(t, many...), tarred(t, many...)
	ball := gzipped(t, tar)
	for what, c := range map[string]struct {
		in   []byte
		opt  archive.Options
		most int
		says string
	}{
		"ratio of all": {zip, opt, 12, "unpacks to more than 500 times its size"},
		"total":        {zip, archive.Options{Total: 2 << 20}, 3, "unpacks to more than 2097152 bytes"},
		"tar total": {ball, archive.Options{Total: 2 << 20}, 3,
			"unpacks to more than 2097152 bytes"},
		"tar ratio":   {ball, opt, 4, "unpacks to more than 500 times"},
		"members":     {zip, archive.Options{Members: 7}, 0, "more than 7 members"},
		"tar members": {tar, archive.Options{Members: 7}, 7, "more than 7 members"},
		"inner": {tarZip(t, file{"a.tar", string(tarred(t, many[:4]...))},
			file{"b.tar", string(tarred(t, many[:4]...))}), archive.Options{Members: 8}, 7, "more than 8 members"},
		"7z members": {testdata(t)["lzma.7z"], archive.Options{Members: 3}, 0, "too many members"},
	} {
		w := walk(t, c.in, c.opt)
		if !errors.Is(w.err, archive.ErrLimit) || !strings.Contains(w.err.Error(), c.says) || len(w.members) > c.most {
			t.Errorf("%s: %d members, %v", what, len(w.members), w.err)
		}
	}
}

// TestUnread counts what is unpacked only to be thrown away.
func TestUnread(t *testing.T) {
	many := make([]file, 20)
	for i := range many {
		many[i] = file{"f", zeros(900 << 10)}
	}
	in := gzipped(t, tarred(t, many...))
	a, err := archive.Open(t.Context(), bytes.NewReader(in), int64(len(in)), archive.Options{Total: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Walk(func(*archive.Member) error { return nil }); !errors.Is(err, archive.ErrLimit) {
		t.Error(err)
	}
}

// TestOverlap refuses members that share bytes.
func TestOverlap(t *testing.T) {
	le := binary.LittleEndian
	in := zipped(t, file{"a", lines(60, "first")}, file{"b", lines(40, "second")})
	first := bytes.Index(in, []byte("PK\x01\x02"))
	second := first + 1 + bytes.Index(in[first+1:], []byte("PK\x01\x02"))
	same := bytes.Clone(in)
	le.PutUint32(same[second+42:], 0)
	into := bytes.Clone(in)
	le.PutUint32(into[first+20:], le.Uint32(in[second+42:])) // the first reaches into the second
	for what, in := range map[string][]byte{"the same": same, "into the next": into} {
		w := walk(t, in, archive.Options{})
		if !errors.Is(w.err, archive.ErrOverlap) || len(w.members) != 0 {
			t.Errorf("%s: %v %v", what, w.members, w.err)
		}
	}
}

// TestMemory bounds what the least bytes can make a reader take.
func TestMemory(t *testing.T) {
	le := binary.LittleEndian
	list := make([]byte, 22)
	copy(list, "PK\x05\x06")
	le.PutUint16(list[10:], 0xfffe)
	for what, in := range map[string][]byte{"a zip of 65,534 members that are not there": list,
		"descriptors": append(append([]byte("PK\x03\x04\x14\x00\x08\x00"), make([]byte, 22)...),
			strings.Repeat("PK\x07\x08", 1<<18)...),
		"headers": []byte(strings.Repeat("PK\x03\x04", 1<<18)),
		"ends":    append([]byte("PK\x03\x04"), strings.Repeat("PK\x05\x06", 1<<14)...),
		"lists":   append([]byte("PK\x03\x04"), append([]byte(strings.Repeat("PK\x01\x02", 1<<18)), list...)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := walk(t, in, archive.Options{})
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; w.err == nil || used > 1<<30 {
			t.Errorf("%s: %d bytes allocated, %d members, %v", what, used, len(w.members), w.err)
		}
	}
}
