package evtx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

const (
	allocCap = 64 << 20
	timeCap  = time.Second
)

// worst is the most that any input took, for the report.
type worst struct {
	time  time.Duration
	alloc uint64
	n     int
}

// count is what a reading of a file gave.
type count struct{ records, skips int }

// readAll reads everything of a file, in all ways there are.
func readAll(t testing.TB, b []byte) (c count) {
	var text []byte
	for r, err := range evtx.Records(bytes.NewReader(b)) {
		if r == nil {
			var skip *evtx.Skip
			if !errors.As(err, &skip) {
				if err != evtx.ErrNotEVTX {
					t.Fatal("not a skip:", err)
				}
				return c
			}
			if skip.Offset < 0 || skip.Length <= 0 || skip.Offset+skip.Length > int64(len(b)) || skip.Reason == 0 {
				t.Fatalf("a skip outside of the file of %d bytes: %+v", len(b), skip)
			}
			_ = skip.Error()
			c.skips++
			continue
		}
		c.records++
		if r.Offset < 0 || r.Offset+int64(r.Size) > int64(len(b)) ||
			!bytes.Equal(r.Raw(), b[r.Offset:r.Offset+int64(r.Size)]) {
			t.Fatalf("record %d is not where it says", r.ID)
		}
		text = everything(text[:0], r)
		for i := range r.Fields {
			v := r.Fields[i].Value
			v.Uint()
			v.Int()
			v.Real()
			v.FileTime()
			v.GUID()
		}
		var err error
		if text, err = r.AppendXML(text[:0]); err != nil && len(text) != 0 {
			t.Fatal("XML and an error")
		}
		if len(text) > 1<<20+1<<18 {
			t.Fatalf("%d bytes of XML", len(text))
		}
	}
	return c
}

// quickest is readAll with the time it took, of three times at most while that
// is too long: what else the machine does is not the file's doing.
func quickest(t testing.TB, b []byte, most time.Duration) (c count, took time.Duration) {
	took = time.Hour
	for n := 0; n < 3 && took > most; n++ {
		start := time.Now()
		c = readAll(t, b)
		took = min(took, time.Since(start))
	}
	return c, took
}

// measured is readAll with the caps on time and memory held.
func (w *worst) measured(t testing.TB, b []byte) count {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	most := timeCap * time.Duration(len(b)/70_000+1)
	c, took := quickest(t, b, most)
	runtime.ReadMemStats(&after)
	alloc := after.TotalAlloc - before.TotalAlloc
	if scale := uint64(len(b)/70_000 + 1); alloc > allocCap*scale {
		t.Fatalf("%d bytes allocated for a file of %d", alloc, len(b))
	}
	if took > most {
		t.Fatalf("%v for a file of %d bytes", took, len(b))
	}
	w.time, w.alloc, w.n = max(w.time, took), max(w.alloc, alloc), w.n+1
	return c
}

// small are files of one chunk: our own, and real ones where there are any.
func small(t testing.TB) (files [][]byte) {
	files = append(files, variety(3).Bytes(), bomb(), deep(), (&evtxtest.Log{}).Add(change(1)).Bytes())
	for _, name := range glob() {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b[:min(len(b), 4096+65536)])
	}
	return files
}

func glob() []string {
	names, _ := filepath.Glob("../../../shared/samples/evtx/*.evtx")
	return names
}

func FuzzFile(f *testing.F) {
	for _, b := range small(f) { // without the unused end of the chunk: the fuzzer is quicker on short input
		used := int(binary.LittleEndian.Uint32(b[4096+0x30:]))
		if used < 512 || used > 12<<10 {
			used = 12 << 10
		}
		f.Add(b[:4096+used])
	}
	f.Add([]byte{})
	f.Add([]byte("ElfFile\x00"))
	f.Add(append([]byte("ElfChnk\x00"), make([]byte, 600)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<18 {
			return
		}
		var w worst
		w.measured(t, b)
		w.measured(t, evtxtest.Sum(bytes.Clone(b)))
	})
}

// bomb names one long value by thousands of slots, nested.
func bomb() []byte {
	var subs []evtxtest.Node
	for range 3000 {
		subs = append(subs, evtxtest.Sub(0, 1))
	}
	wide := &evtxtest.Template{GUID: [16]byte{1}, Root: evtxtest.El("EventData", subs...)}
	long := make([]byte, 9000)
	for i := range long {
		long[i] = byte(i)
	}
	l := &evtxtest.Log{}
	l.Add(evtxtest.Event{ID: 1, XML: evtxtest.Item{Template: wide, Values: []evtxtest.Value{evtxtest.Raw(1, long...)}}})
	v := evtxtest.Raw(0x21)
	for range 12 {
		v = evtxtest.XML(wide, v)
	}
	l.Add(evtxtest.Event{ID: 2, XML: evtxtest.Item{Template: wide, Values: []evtxtest.Value{v}}})
	for i := range uint64(5) {
		l.Add(evtxtest.Event{ID: 3 + i, XML: evtxtest.Item{Template: wide,
			Values: []evtxtest.Value{evtxtest.Raw(0x84, long[:1000]...)}}})
	}
	return l.Bytes()
}

// deep nests binary XML and elements deeper than is allowed.
func deep() []byte {
	one := &evtxtest.Template{GUID: [16]byte{2}, Root: evtxtest.El("a", evtxtest.Sub(0, 0x21))}
	v := evtxtest.Str("end")
	for range 40 {
		v = evtxtest.XML(one, v)
	}
	node := evtxtest.El("a")
	for range 200 {
		node = evtxtest.El("a", node)
	}
	return (&evtxtest.Log{}).Add(evtxtest.Event{ID: 1, XML: evtxtest.Item{Template: one, Values: []evtxtest.Value{v}}},
		evtxtest.Event{ID: 2, XML: evtxtest.Item{Literal: &node}}, change(3)).Bytes()
}

func TestBombs(t *testing.T) {
	var w worst
	if c := w.measured(t, bomb()); c.skips < 1 {
		t.Errorf("%+v: nothing refused", c)
	}
	if c := w.measured(t, deep()); c != (count{1, 2}) {
		t.Errorf("%+v, want one record and two skips", c)
	}
	t.Logf("worst: %v, %d bytes", w.time, w.alloc)
}

// TestMutations cuts, flips and lies; each file keeps the caps, and what was
// not touched is kept.
func TestMutations(t *testing.T) {
	var w worst
	rng := rand.New(rand.NewPCG(1, 2))
	files := small(t)
	for i, b := range files {
		rounds := 60
		if i == 0 {
			rounds = 400
		}
		if testing.Short() {
			rounds /= 10
		}
		for range rounds {
			m := bytes.Clone(b)
			for range 1 + rng.IntN(4) {
				mutate(rng, m)
			}
			if rng.IntN(2) == 0 {
				m = evtxtest.Sum(m)
			}
			w.measured(t, m)
		}
	}
	t.Logf("%d files; worst: %v, %d bytes", w.n, w.time, w.alloc)
}

// mutate damages b in place: a byte, a number, a moved or zeroed block.
func mutate(rng *rand.Rand, b []byte) {
	at := 4096 + rng.IntN(len(b)-4096-8)
	if used := int(binary.LittleEndian.Uint32(b[4096+0x30:])); used > 600 && used < 65536 && rng.IntN(4) > 0 {
		at = 4096 + rng.IntN(used)
		at = min(at, len(b)-8)
	}
	lies := []uint32{0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFF, 0x10000, uint32(at), uint32(at - 4096), 512}
	switch rng.IntN(6) {
	case 0:
		b[at] ^= 1 << rng.IntN(8)
	case 1:
		b[at] = byte(rng.Uint32())
	case 2:
		binary.LittleEndian.PutUint16(b[at:], uint16(lies[rng.IntN(len(lies))]))
	case 3:
		binary.LittleEndian.PutUint32(b[at:], lies[rng.IntN(len(lies))])
	case 4:
		n := min(rng.IntN(2000), len(b)-at)
		clear(b[at : at+n])
	case 5:
		from := rng.IntN(len(b))
		copy(b[at:], b[from:min(len(b), from+rng.IntN(3000))])
	}
}

func TestCuts(t *testing.T) {
	l := variety(2)
	b := l.Bytes()
	places := l.Records()
	end := places[len(places)-1].Offset + places[len(places)-1].Size
	whole, step := 0, 1
	if testing.Short() {
		step = 7
	}
	for n := 0; n <= end; n += step {
		if n < 4096+512 && n%61 != 0 {
			continue
		}
		for whole < len(places) && places[whole].Offset+places[whole].Size <= n {
			whole++
		}
		if got := readAll(t, b[:n]); got.records != whole {
			t.Fatalf("cut at %d: %d records, want %d", n, got.records, whole)
		}
	}
	if _, err := evtx.Open(bytes.NewReader(nil), 0); err != evtx.ErrNotEVTX {
		t.Error(err)
	}
	if _, err := evtx.NewChunkReader(io.MultiReader(bytes.NewReader(b[:5000]), failing{})); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// TestManyChunks: a file of chunks that are cut short, each asking for as much
// work as it may, stays within the caps.
func TestManyChunks(t *testing.T) {
	var subs []evtxtest.Node
	for range 12 {
		subs = append(subs, evtxtest.Sub(0, 0x21))
	}
	wide := &evtxtest.Template{GUID: [16]byte{3}, Root: evtxtest.El("a", subs...)}
	v := evtxtest.Str("end")
	for range 9 {
		v = evtxtest.XML(wide, v)
	}
	l := (&evtxtest.Log{}).Add(evtxtest.Event{ID: 1, XML: evtxtest.Item{Template: wide, Values: []evtxtest.Value{v}}},
		change(2))
	b := l.Bytes()
	last := l.Records()[1]
	b[last.Offset-1] = 1 // the chunk's checksum is wrong, its header's is not
	piece := b[4096 : last.Offset+last.Size]
	file := bytes.Clone(b[:4096])
	n := 0
	for ; len(file) < 70_000; n++ {
		file = append(file, piece...)
	}
	var w worst
	if c := w.measured(t, append(file, make([]byte, 600)...)); c.records < n || c.skips < n {
		t.Errorf("%+v of %d chunks", c, n)
	}
	t.Logf("%d chunks: %v, %d bytes", n, w.time, w.alloc)
}
