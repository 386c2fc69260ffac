package evtx_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"escutcheon/importer/evtx"
)

// TestCarve reads logs whose start is damaged, or that lie among other bytes,
// by the chunks that they hold.
func TestCarve(t *testing.T) {
	junk := bytes.Repeat([]byte("junk "), 2000)
	tests := []struct {
		name   string
		spoil  func(b []byte) []byte
		at     int // of the first chunk found, -1 for none
		read   int
		header bool // the file header counts
	}{
		{"signature", func(b []byte) []byte { b[0] = 'x'; return b }, headLen, 12, true},
		{"file header", func(b []byte) []byte { copy(b, junk[:headLen]); return b }, headLen, 12, false},
		{"signature and first chunk's", func(b []byte) []byte {
			b[0], b[headLen] = 'x', 'x'
			return b
		}, headLen + chunkLen, 12, true},
		{"among others", func(b []byte) []byte { return slices.Concat(junk[:777], b, junk) }, headLen + 777, 12, false},
		{"moved, first chunk's signature damaged", func(b []byte) []byte {
			b[headLen] = 'x'
			return slices.Concat(junk[:777], b)
		}, headLen + chunkLen + 777, 12, false},
		{"a chunk alone", func(b []byte) []byte { return b[headLen : headLen+chunkLen] }, 0, 4, false},
		{"moved, with headers that are not sound", func(b []byte) []byte {
			for n := range 3 {
				b[headLen+n*chunkLen+0x18]++
			}
			return b[100:]
		}, -1, 0, false},
		{"junk", func([]byte) []byte { return junk }, -1, 0, false},
		{"nothing", func([]byte) []byte { return nil }, -1, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := changes(12, 4)
			b = test.spoil(b)
			at := evtx.FindChunk(b)
			if at != test.at {
				t.Fatalf("found at %d, want %d", at, test.at)
			}
			if at < 0 {
				return
			}
			cr, err := evtx.Carve(bytes.NewReader(b), at)
			if err != nil {
				t.Fatal(err)
			}
			if cr.Header().Sound != test.header {
				t.Errorf("header %+v", cr.Header())
			}
			d, read, end := evtx.NewDecoder(), 0, int64(0)
			for {
				var c evtx.Chunk
				if err := cr.Next(&c); err != nil {
					if err != io.EOF {
						t.Error(err)
					}
					break
				}
				for r, err := range d.Records(&c) {
					if skip := (*evtx.Skip)(nil); errors.As(err, &skip) {
						continue
					}
					read++
					if !bytes.Equal(b[r.Offset:int(r.Offset)+r.Size], r.Raw()) {
						t.Errorf("record %d does not lie at %d", r.ID, r.Offset)
					}
				}
				end = c.Offset + int64(len(c.Data))
			}
			if read != test.read || end != int64(len(b)) {
				t.Errorf("read %d up to %d, want %d up to %d", read, end, test.read, len(b))
			}
		})
	}
}
