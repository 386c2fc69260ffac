package db

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestBlock: records come out as they went in: empty ones, offsets that go back,
// bytes that are no text.
func TestBlock(t *testing.T) {
	w, err := newBlockWriter()
	if err != nil {
		t.Fatal(err)
	}
	for n, recs := range [][]record{
		nil, {{0, ""}}, {{5, "a"}, {2, "\x00\xff\n"}, {1 << 40, ""}, {-1, "z"}}, {{0, strings.Repeat("long ", 100_000)},
			{500_000, "x"}},
	} {
		data := w.pack(recs)
		got, err := unpack(data, len(recs))
		if err != nil || !slices.Equal(got, recs) {
			t.Errorf("block %d: %v", n, err)
		}
	}
}

// TestDamagedBlock: what cannot be read is said so, wherever it is cut.
func TestDamagedBlock(t *testing.T) {
	w, err := newBlockWriter()
	if err != nil {
		t.Fatal(err)
	}
	data := w.pack([]record{{5, "one"}, {9, "two"}})
	plain, err := blockDecoder.DecodeAll(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range plain {
		if _, err := unpack(w.enc.EncodeAll(plain[:n], nil), 2); !errors.Is(err, errBlock) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	for what, data := range map[string][]byte{"cut": data[:len(data)-3], "none": {},
		"no zstd": bytes.Repeat([]byte{7}, 50)} {
		if _, err := unpack(data, 2); !errors.Is(err, errBlock) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := unpack(w.pack([]record{{5, "one"}}), 2); !errors.Is(err, errBlock) {
		t.Errorf("a record that is not there: %v", err)
	}
}

// TestRecordsKept: the blocks used last stay unpacked, and no more than so many.
func TestRecordsKept(t *testing.T) {
	r := newRecords(t.Context(), nil)
	for n := range mostBlocks {
		r.blocks = append(r.blocks, &block{first: int64(10 * n), importID: 1, recs: make([]record, 10)})
	}
	for _, id := range []int64{0, 9, 10, 19} {
		b, err := r.block(id)
		if err != nil || b.first != id/10*10 || r.blocks[mostBlocks-1] != b {
			t.Errorf("record %d is in block %+v (%v), and the last used is %d", id, b.first, err, r.blocks[mostBlocks-1].first)
		}
	}
	if got := fmt.Sprint(r.blocks[0].first, r.blocks[mostBlocks-2].first, len(r.blocks)); got != fmt.Sprint(20, 0,
		mostBlocks) {
		t.Errorf("order %s", got)
	}
	r.disown(10)
	for _, b := range r.blocks {
		if (b.importID == 0) != (b.first == 10) {
			t.Errorf("block %d is of import %d", b.first, b.importID)
		}
	}
}
