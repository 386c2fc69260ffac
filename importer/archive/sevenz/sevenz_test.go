package sevenz_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"testing"

	"escutcheon/importer/archive/sevenz"
)

var le = binary.LittleEndian

// framed puts a list of members that is not packed behind packed bytes, with
// the checksums that both need.
func framed(packed, list []byte) []byte {
	b := make([]byte, 32, 32+len(packed)+len(list))
	copy(b, "7z\xbc\xaf\x27\x1c\x00\x04")
	le.PutUint64(b[12:], uint64(len(packed)))
	le.PutUint64(b[20:], uint64(len(list)))
	le.PutUint32(b[28:], crc32.ChecksumIEEE(list))
	le.PutUint32(b[8:], crc32.ChecksumIEEE(b[12:32]))
	return append(append(b, packed...), list...)
}

// parts takes a 7z apart that 7-Zip wrote with its list not packed.
func parts(t testing.TB, name string) (packed, list []byte) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	at := 32 + le.Uint64(b[12:])
	return b[32:at], b[at : at+le.Uint64(b[20:])]
}

type result struct {
	names []string
	texts []string
	errs  []error
	err   error
}

func read(in []byte, opt sevenz.Options) (r result) {
	if opt.Members == 0 {
		opt.Members = 1000
	}
	z, err := sevenz.Open(bytes.NewReader(in), int64(len(in)), opt)
	if err != nil {
		r.err = err
		return r
	}
	for i := range z.Files {
		m, err := z.Open(i)
		var b []byte
		if err == nil {
			b, err = io.ReadAll(io.LimitReader(m, 4<<20))
		}
		r.names, r.texts, r.errs = append(r.names, z.Files[i].Name), append(r.texts, string(b)), append(r.errs, err)
	}
	return r
}

// own are the errors that an archive's bytes may give.
func own(err error) bool {
	for _, e := range []error{sevenz.ErrCut, sevenz.ErrDamaged, sevenz.ErrPassword, sevenz.ErrWrongPassword,
		sevenz.ErrMethod, sevenz.ErrTooBig, sevenz.ErrMembers} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func TestOrder(t *testing.T) {
	packed, list := parts(t, "open-list.7z")
	in := framed(packed, list)
	want := read(in, sevenz.Options{})
	if want.err != nil || len(want.names) != 5 {
		t.Fatal(want)
	}
	z, err := sevenz.Open(bytes.NewReader(in), int64(len(in)), sevenz.Options{Members: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{4, 0, 3, 3, 1, 2} { // backwards too, though it costs
		m, err := z.Open(i)
		if err != nil {
			t.Fatal(i, err)
		}
		if b, err := io.ReadAll(m); err != nil || string(b) != want.texts[i] {
			t.Errorf("%d: %q %v", i, b, err)
		}
	}
	if r := read(in, sevenz.Options{Members: 4}); !errors.Is(r.err, sevenz.ErrMembers) {
		t.Error(r.err)
	}
}

// TestLies changes every byte of a list and of what is packed, with checksums
// that are right: no panic, no error of another kind, nothing large, and no
// other text under a checksum that holds.
func TestLies(t *testing.T) {
	for _, name := range []string{"open-list.7z", "open-list-bcj2.7z"} {
		packed, list := parts(t, name)
		for i := range list {
			for _, v := range []byte{0, 1, 2, 0x20, 0x7f, 0x80, 0xfe, 0xff, list[i] + 1, list[i] ^ 0x10} {
				bad := bytes.Clone(list)
				bad[i] = v
				r := read(framed(packed, bad), sevenz.Options{})
				if r.err != nil && !own(r.err) {
					t.Fatalf("%s: byte %d is %#x: %v", name, i, v, r.err)
				}
				for _, err := range r.errs {
					if err != nil && !own(err) {
						t.Fatalf("%s: byte %d is %#x: %v", name, i, v, err)
					}
				}
			}
			if r := read(framed(packed, list[:i]), sevenz.Options{}); i > 0 && r.err == nil {
				t.Fatalf("%s: cut at %d: %v", name, i, r)
			}
		}
	}
}

// TestReader lets errors of the reader below through.
func TestReader(t *testing.T) {
	packed, list := parts(t, "open-list.7z")
	in := framed(packed, list)
	broken := errors.New("the disk is broken")
	for n := 32; n < len(in); n += 7 {
		z, err := sevenz.Open(&failing{in, n, broken}, int64(len(in)), sevenz.Options{Members: 10})
		if err == nil {
			for i := range z.Files {
				var m io.Reader
				if m, err = z.Open(i); err == nil {
					_, err = io.Copy(io.Discard, m)
				}
				if err != nil {
					break
				}
			}
		}
		if !errors.Is(err, broken) {
			t.Fatalf("broken at %d: %v", n, err)
		}
	}
}

// failing gives its error for what lies at or behind at, but for the list.
type failing struct {
	b   []byte
	at  int
	err error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(f.at) && off > 0 {
		return 0, f.err
	}
	return bytes.NewReader(f.b).ReadAt(p, off)
}

func FuzzList(f *testing.F) {
	for _, name := range []string{"open-list.7z", "open-list-bcj2.7z"} {
		packed, list := parts(f, name)
		f.Add(packed, list)
	}
	f.Fuzz(func(t *testing.T, packed, list []byte) {
		r := read(framed(packed, list), sevenz.Options{})
		if r.err != nil && !own(r.err) {
			t.Fatal(r.err)
		}
		for _, err := range r.errs {
			if err != nil && !own(err) {
				t.Fatal(err)
			}
		}
	})
}
