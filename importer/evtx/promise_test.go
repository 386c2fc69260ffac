package evtx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

const (
	headLen  = 4096
	chunkLen = 65536
)

func put64(b []byte, at int, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }

// missing reads a log and says what was read, skipped and is missing.
func missing(t *testing.T, b []byte) (records, skips int, lost int64) {
	t.Helper()
	cr, err := evtx.NewChunkReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	p, d := cr.Promise(), evtx.NewDecoder()
	var tallies []evtx.Tally
	for {
		var c evtx.Chunk
		if err := cr.Next(&c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		r, s := 0, 0
		for _, err := range d.Records(&c) {
			if skip := (*evtx.Skip)(nil); errors.As(err, &skip) {
				s++
			} else {
				r++
			}
		}
		records, skips = records+r, skips+s
		tallies = append(tallies, c.Tally(r, s))
	}
	for _, t := range slices.Backward(tallies) { // in any order
		p.Add(t)
	}
	return records, skips, p.Missing()
}

// head sets the numbers of a file's header.
func head(b []byte, first, last, next uint64, chunks uint16) []byte {
	put64(b, 0x08, first)
	put64(b, 0x10, last)
	put64(b, 0x18, next)
	binary.LittleEndian.PutUint16(b[0x2A:], chunks)
	return evtxtest.Sum(b)
}

// dirty marks a log as one in use.
func dirty(b []byte) []byte { b[0x78] |= 1; return b }

// ring puts the newest of three chunks first, as in a full log that began anew.
func ring(b []byte) []byte {
	c := func(n int) []byte { return b[headLen+n*chunkLen : headLen+(n+1)*chunkLen] }
	return head(slices.Concat(b[:headLen], c(2), c(0), c(1)), 1, 0, 13, 3)
}

// TestMissing cuts and damages a log of 12 records in three chunks of four.
func TestMissing(t *testing.T) {
	const second, third = headLen + chunkLen, headLen + 2*chunkLen
	type places = []evtxtest.Place
	tests := []struct {
		name  string
		spoil func(b []byte, p places) []byte
		read  int
		lost  int64
	}{
		{"whole", func(b []byte, _ places) []byte { return b }, 12, 0},
		{"cut behind the second chunk", func(b []byte, _ places) []byte { return b[:third] }, 8, 4},
		{"cut behind the first chunk", func(b []byte, _ places) []byte { return b[:second] }, 4, 8},
		{"cut behind the file header", func(b []byte, _ places) []byte { return b[:headLen] }, 0, 3},
		{"cut in a chunk's signature", func(b []byte, _ places) []byte { return b[:third+3] }, 8, 3}, // one is rejected
		{"cut in a chunk's header", func(b []byte, _ places) []byte { return b[:third+100] }, 8, 4},
		{"cut behind a chunk's header", func(b []byte, _ places) []byte { return b[:third+512] }, 8, 4},
		{"cut in a record", func(b []byte, p places) []byte { return b[:p[10].Offset+100] }, 10, 1},
		{"cut between records", func(b []byte, p places) []byte { return b[:p[10].Offset] }, 10, 2},
		{"cut behind the last record", func(b []byte, p places) []byte { return b[:p[11].Offset+p[11].Size] }, 12, 0},
		{"room for later", func(b []byte, _ places) []byte { return append(b, make([]byte, 2*chunkLen)...) }, 12, 0},
		{"first chunk zeroed", func(b []byte, _ places) []byte { clear(b[headLen:second]); return b }, 8, 3},
		{"second chunk zeroed", func(b []byte, _ places) []byte { clear(b[second:third]); return b }, 8, 3},
		{"third chunk zeroed", func(b []byte, _ places) []byte { clear(b[third:]); return b }, 8, 3},
		{"second chunk lost", func(b []byte, _ places) []byte { return slices.Delete(b, second, third) }, 8, 4},
		{"bytes lost", func(b []byte, p places) []byte { return slices.Delete(b, p[2].Offset, p[2].Offset+1000) }, 10, 1},
		{"a chunk's header damaged", func(b []byte, _ places) []byte { b[second+0x18]++; return b }, 12, 0},
		{"a record taken out of a chunk", func(b []byte, p places) []byte {
			size := uint32(p[5].Size + p[6].Size)
			put32(b, p[5].Offset+4, size)
			put32(b, p[5].Offset+int(size)-4, size)
			return evtxtest.Sum(b)
		}, 11, 1},
		{"left behind", func(b []byte, _ places) []byte { return dirty(head(b, 0, 0, 5, 1)) }, 12, 0},
		{"left behind and zeroed between", func(b []byte, _ places) []byte {
			b = dirty(head(b, 0, 0, 5, 1))
			clear(b[second:third])
			return b
		}, 8, 4},
		{"left behind and cut", func(b []byte, _ places) []byte { return dirty(head(b, 0, 1, 9, 2))[:second] }, 4, 4},
		{"header damaged and cut", func(b []byte, _ places) []byte { b[0x18]++; return b[:third] }, 8, 0},
		{"full", func(b []byte, _ places) []byte { return ring(b) }, 12, 0},
		{"full, its header left behind", func(b []byte, _ places) []byte {
			return dirty(head(ring(b), 2, 1, 9, 3))
		}, 12, 0},
		{"full and cut behind the second chunk", func(b []byte, _ places) []byte { return ring(b)[:third] }, 8, 4},
		{"full and cut behind the first chunk", func(b []byte, _ places) []byte { return ring(b)[:second] }, 4, 2},
		{"full, newest chunk zeroed", func(b []byte, _ places) []byte {
			b = ring(b)
			clear(b[headLen:second])
			return b
		}, 8, 3},
		{"cleared once", func(b []byte, _ places) []byte {
			for n := range uint64(3) {
				put64(b, headLen+int(n)*chunkLen+0x08, 4*n+1)
				put64(b, headLen+int(n)*chunkLen+0x18, 4*n+1001)
				put64(b, headLen+int(n)*chunkLen+0x20, 4*n+1004)
			}
			return head(b, 0, 2, 1013, 3)
		}, 12, 0},
		{"a lying next record", func(b []byte, _ places) []byte { return head(b, 0, 2, 1<<60, 3) }, 12, 0},
		{"a lying number of chunks", func(b []byte, _ places) []byte { return head(b, 0, 65534, 13, 65535) }, 12, 1},
		{"both lie", func(b []byte, _ places) []byte { return head(b, 0, 65534, 1<<60, 65535) }, 12, 1},
		{"a newest chunk that is none", func(b []byte, _ places) []byte { return head(b, 0, 1<<40, 13, 4) }, 12, 0},
		{"a chunk that promises all", func(b []byte, _ places) []byte {
			put64(b, second+0x20, 1<<60)
			return evtxtest.Sum(b)
		}, 12, 0},
		{"a chunk of late ids", func(b []byte, _ places) []byte {
			put64(b, second+0x18, 1<<60)
			put64(b, second+0x20, 1<<60+3)
			return evtxtest.Sum(b)
		}, 12, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, p := changes(12, 4)
			read, skips, lost := missing(t, test.spoil(b, p))
			if read != test.read || lost != test.lost {
				t.Errorf("read %d, skipped %d, missing %d; want %d, %d", read, skips, lost, test.read, test.lost)
			}
		})
	}
}

// TestMissingAtEveryCut: wherever a log is cut, what was read, what was skipped
// and what is missing are at least all that was promised, and never more than a
// skip above it.
func TestMissingAtEveryCut(t *testing.T) {
	b, places := changes(12, 4)
	cuts := []int{headLen, len(b)}
	for n := range 3 {
		at := headLen + n*chunkLen
		cuts = append(cuts, at+1, at+7, at+8, at+127, at+128, at+511, at+512, at+513, at+chunkLen-1, at+chunkLen)
	}
	for _, p := range places {
		for _, at := range []int{0, 1, 3, 4, 8, 23, 24, 27, 28, p.Size / 2, p.Size - 4, p.Size - 1} {
			cuts = append(cuts, p.Offset+at)
		}
	}
	for _, at := range cuts {
		read, skips, lost := missing(t, b[:at])
		sum := read + skips + int(lost)
		if at >= headLen+512 && (sum < 12 || read+int(lost) > 12) {
			t.Errorf("cut at %d: read %d, skipped %d, missing %d of 12", at, read, skips, lost)
		}
	}
}

// TestMissingBelievesNoLie puts every lie at every place of the headers, with
// checksums that are right: nothing is found missing that would not fit into
// the chunks that the header counts.
func TestMissingBelievesNoLie(t *testing.T) {
	b, _ := changes(12, 4)
	step := 1
	if testing.Short() {
		step = 11
	}
	m := make([]byte, len(b))
	for _, base := range []int{0, headLen, headLen + chunkLen, headLen + 2*chunkLen} {
		for at := base + 8; at < base+0x40; at += step {
			for _, lie := range lies(binary.LittleEndian.Uint32(b[at:]), at) {
				copy(m, b)
				put32(m, at, lie)
				chunks := int64(binary.LittleEndian.Uint16(evtxtest.Sum(m)[0x2A:]))
				if _, _, lost := missing(t, m); lost < 0 || lost > 2322*max(chunks, 3) {
					t.Fatalf("%#x at %d: %d missing of %d chunks", lie, at, lost, chunks)
				}
			}
		}
	}
}
