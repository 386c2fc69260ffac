package evtx_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"testing"
	"time"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

// lies are the numbers that every place of a file claims in turn, instead of
// what stands there.
func lies(was uint32, at int) []uint32 {
	return []uint32{0, 1, 4, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, was + 1,
		was - 1, ^was, uint32(at - 4096), 512}
}

// TestEveryLie puts every lie at every byte of a chunk that is in use: so at
// every length, count, offset, type and size that it holds, each as a byte, a
// number of two and one of four. What lies after a damaged record stays, and
// the caps hold.
func TestEveryLie(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 97
	}
	l := variety(1)
	b := l.Bytes()
	places := l.Records()
	last := places[len(places)-1]
	whole := readAll(t, b).records
	var before, after runtime.MemStats
	var slowest time.Duration
	n := 0
	m := make([]byte, 4096+65536)
	runtime.ReadMemStats(&before)
	for at := 4096; at < last.Offset+last.Size; at += step {
		was := binary.LittleEndian.Uint32(b[at:])
		for i, lie := range lies(was, at) {
			copy(m, b)
			switch i % 3 {
			case 0:
				m[at] = byte(lie)
			case 1:
				binary.LittleEndian.PutUint16(m[at:], uint16(lie))
			default:
				binary.LittleEndian.PutUint32(m[at:], lie)
			}
			if i%2 == 0 {
				evtxtest.Sum(m)
			}
			got, took := quickest(t, m, timeCap)
			slowest = max(slowest, took)
			n++
			if at >= last.Offset && got.records < whole-1 {
				t.Fatalf("%#x at %d, in the last record: %d records left of %d", lie, at, got.records, whole)
			}
		}
	}
	runtime.ReadMemStats(&after)
	mean := (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	t.Logf("%d lies; the slowest took %v, %d bytes allocated on average", n, slowest, mean)
	if slowest > timeCap || mean > allocCap {
		t.Errorf("over the caps")
	}
}

// TestCutsOfRealLogs cuts real logs at every boundary of their first chunk's
// records, and a byte to either side: what is whole before is kept.
func TestCutsOfRealLogs(t *testing.T) {
	names := glob()
	if len(names) == 0 {
		t.Skip("the reference material is not beside the project")
	}
	if testing.Short() {
		names = names[:min(len(names), 3)]
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = b[:min(len(b), 4096+65536)]
		var ends []int
		for r, err := range evtx.Records(bytes.NewReader(b)) {
			if err == nil {
				ends = append(ends, int(r.Offset)+r.Size)
			}
		}
		for i, end := range ends {
			for off := -1; off <= 1; off++ {
				want := i + 1
				if off < 0 {
					want = i
				}
				if got := readAll(t, b[:min(end+off, len(b))]); got.records < want {
					t.Fatalf("%s cut at %d: %d records, want %d", name, end+off, got.records, want)
				}
			}
		}
	}
}
