package block_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"escutcheon/eventstore/block"
)

type record struct {
	offset int64
	raw    string
}

func pack(recs []record) *block.Packed {
	return block.Pack(len(recs), func(i int) (int64, string) { return recs[i].offset, recs[i].raw })
}

// TestBlock: records come out as they went in: empty ones, offsets that go back,
// bytes that are no text; and from several goroutines at a time.
func TestBlock(t *testing.T) {
	cases := [][]record{
		nil, {{0, ""}}, {{5, "a"}, {2, "\x00\xff\n"}, {1 << 40, ""}, {-1, "z"}}, {{0, strings.Repeat("long ", 100_000)},
			{500_000, "x"}}, {{math.MaxInt64, "a"}, {math.MinInt64, "b"}}, {{1, strings.Repeat("x", 9<<20)}},
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for n, recs := range cases {
				p := pack(recs)
				o, err := block.Unpack(p.Bytes, len(recs))
				if err != nil || o.Len() != len(recs) || p.Count != len(recs) || p.Size != o.Size() {
					t.Errorf("block %d: %v, %d and %d records, %d and %d bytes", n, err, o.Len(), p.Count, o.Size(), p.Size)
					return
				}
				for i, want := range recs {
					if offset, raw := o.Record(i); offset != want.offset || raw != want.raw {
						t.Errorf("block %d: record %d comes out otherwise", n, i)
					}
				}
				if !bytes.Equal(block.FilterOf(o), p.Words) {
					t.Errorf("block %d: the filter made later differs", n)
				}
			}
		})
	}
	wg.Wait()
}

// TestUnpackAgain: a block is unpacked into the memory of another, also after one
// that is damaged.
func TestUnpackAgain(t *testing.T) {
	var o block.Originals
	long := []record{{5, strings.Repeat("a", 1000)}, {7, "b"}, {9, "c"}}
	for n, recs := range [][]record{long, {{1, "x"}}, nil, long} {
		if n == 2 {
			if err := o.Unpack([]byte("damaged"), 1); !errors.Is(err, block.ErrDamaged) || o.Len() != 0 {
				t.Fatalf("%v, %d records", err, o.Len())
			}
		}
		if err := o.Unpack(pack(recs).Bytes, len(recs)); err != nil || o.Len() != len(recs) {
			t.Fatal(err)
		}
		for i, want := range recs {
			if offset, raw := o.Record(i); offset != want.offset || raw != want.raw {
				t.Errorf("block %d: record %d is %d %q", n, i, offset, raw)
			}
		}
	}
}

// TestStored: databases hold blocks of these bytes.
func TestStored(t *testing.T) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		t.Fatal(err)
	}
	o, err := block.Unpack(enc.EncodeAll([]byte("\x0a\x03\x05\x00\x80\x01\x01one-"), nil), 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []record{{5, "one"}, {2, ""}, {66, "-"}} {
		if offset, raw := o.Record(i); offset != want.offset || raw != want.raw {
			t.Errorf("record %d is %d %q", i, offset, raw)
		}
	}
}

// TestDamaged: what cannot be read is said so, wherever it is cut.
func TestDamaged(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte("\x0a\x03\x08\x03onetwo")
	for n := range plain {
		if _, err := block.Unpack(enc.EncodeAll(plain[:n], nil), 2); !errors.Is(err, block.ErrDamaged) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	data := pack([]record{{5, "one"}, {9, "two"}}).Bytes
	for what, data := range map[string][]byte{"cut": data[:len(data)-3], "none": {},
		"no zstd":    bytes.Repeat([]byte{7}, 50),
		"huge":       enc.EncodeAll(make([]byte, block.MostBytes+1), nil),
		"huge sizes": enc.EncodeAll(binary.AppendUvarint([]byte{0, 1, 0}, math.MaxUint64), nil)} {
		if _, err := block.Unpack(data, 2); !errors.Is(err, block.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, count := range []int{3, 1000, math.MaxInt, -1} {
		if _, err := block.Unpack(data, count); !errors.Is(err, block.ErrDamaged) {
			t.Errorf("%d records of 2: %v", count, err)
		}
	}
	mutations(data, 20_000, func(bad []byte) {
		o, err := block.Unpack(bad, 2)
		if err != nil && !errors.Is(err, block.ErrDamaged) {
			t.Fatal(err)
		}
		if err == nil {
			o.Record(1)
		}
	})
}

// logLines are lines as NXLog writes them.
func logLines(n int) (lines []string, size int) {
	for i := range n {
		host := "web" + strings.Repeat("0", 4) + string(rune('a'+i*7%26))
		pid := []byte("0x0000")
		for j, x := 2, i*2654435761; j < 6; j++ {
			pid[j] = "0123456789abcdef"[x>>(4*j)&15]
		}
		lines = append(lines, `{"EventTime":"2025-12-01 00:00:`+string(rune('0'+i%6))+string(rune('0'+i%10))+
			`","Hostname":"`+host+`.corp.example","SeverityValue":2,"RecordNumber":`+string(pid[2:])+`,"EventID":4688,`+
			`"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","Message":"A new process has been `+
			`created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tAccount Name:\t\t`+host+`$\r\n\r\nNew `+
			`Process Name:\tC:\\Windows\\System32\\svchost`+string(pid[3:5])+`.exe\r\n","NewProcessId":"`+string(pid)+`"}`)
		size += len(lines[i])
	}
	return lines, size
}

func BenchmarkPack(b *testing.B) {
	lines, size := logLines(4000)
	b.SetBytes(int64(size))
	var p *block.Packed
	for b.Loop() {
		p = block.Pack(len(lines), func(i int) (int64, string) { return int64(i), lines[i] })
	}
	b.ReportMetric(float64(len(p.Bytes))/float64(size)*100, "%bytes")
	b.ReportMetric(float64(len(p.Words))/float64(size)*100, "%words")
}

func BenchmarkUnpack(b *testing.B) {
	lines, size := logLines(4000)
	p := block.Pack(len(lines), func(i int) (int64, string) { return int64(i), lines[i] })
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := block.Unpack(p.Bytes, p.Count); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFilterOf(b *testing.B) {
	lines, size := logLines(4000)
	p := block.Pack(len(lines), func(i int) (int64, string) { return int64(i), lines[i] })
	o, err := block.Unpack(p.Bytes, p.Count)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		block.FilterOf(o)
	}
}
