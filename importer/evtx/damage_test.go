package evtx_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

// log is a log of n changes in chunks of `each`, and where they lie.
func changes(n, each int) ([]byte, []evtxtest.Place) {
	l := &evtxtest.Log{}
	for i := range n {
		if i > 0 && i%each == 0 {
			l.End()
		}
		l.Add(change(uint64(i + 1)))
	}
	b := l.Bytes()
	return b, l.Records()
}

func put32(b []byte, at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }

// TestDamage says what is kept of a log of 12 records in three chunks, and why
// the rest is not.
func TestDamage(t *testing.T) {
	const first, second = 4096, 4096 + 65536
	all := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	without := func(ids ...uint64) []uint64 {
		return slices.DeleteFunc(slices.Clone(all), func(id uint64) bool { return slices.Contains(ids, id) })
	}
	tests := []struct {
		name   string
		damage func(b []byte, p []evtxtest.Place) []byte
		keep   []uint64
		why    []evtx.Reason
		torn   int
	}{
		{"none", func(b []byte, _ []evtxtest.Place) []byte { return b }, all, nil, 0},
		{"stale file header", func(b []byte, _ []evtxtest.Place) []byte { clear(b[8:128]); return b }, all, nil, 0},
		{"no file header", func(b []byte, _ []evtxtest.Place) []byte { return b[4096:] }, all, nil, 0},
		{"file signature lost", func(b []byte, _ []evtxtest.Place) []byte { b[3] = 'x'; return b }, all, nil, 0},
		{"stale chunk header", func(b []byte, _ []evtxtest.Place) []byte {
			put32(b, first+0x30, 512)
			clear(b[first+8 : first+0x28])
			return b
		}, all, nil, 0},
		{"stale chunk header with its sum", func(b []byte, p []evtxtest.Place) []byte {
			put32(b, first+0x30, uint32(p[1].Offset-first))
			sums := evtxtest.Sum(bytes.Clone(b))
			copy(b[first+0x7C:first+0x80], sums[first+0x7C:])
			return b
		}, all, nil, 0},
		{"chunk signature", func(b []byte, _ []evtxtest.Place) []byte { b[second] = 'x'; return b }, all,
			[]evtx.Reason{evtx.BadChunk, evtx.BadFraming}, 0},
		{"chunk zeroed", func(b []byte, _ []evtxtest.Place) []byte { clear(b[second : second+65536]); return b },
			without(5, 6, 7, 8), []evtx.Reason{evtx.BadChunk}, 0},
		{"record signature", func(b []byte, p []evtxtest.Place) []byte { b[p[2].Offset] = 0; return b }, all, nil, 0},
		{"record size", func(b []byte, p []evtxtest.Place) []byte { put32(b, p[2].Offset+4, 0); return b }, all, nil, 1},
		{"record size too long", func(b []byte, p []evtxtest.Place) []byte {
			put32(b, p[1].Offset+4,
				uint32(p[1].Size+64))
			return b
		}, all, nil, 1},
		{"second size", func(b []byte, p []evtxtest.Place) []byte { put32(b, p[2].Offset+p[2].Size-4, 7); return b }, all,
			nil, 1},
		{"both sizes", func(b []byte, p []evtxtest.Place) []byte {
			put32(b, p[2].Offset+4, 0)
			put32(b, p[2].Offset+p[2].Size-4, 7)
			return b
		}, without(3), []evtx.Reason{evtx.BadFraming}, 0},
		{"end of the last record zeroed", func(b []byte,
			p []evtxtest.Place) []byte {
			clear(b[p[3].Offset+p[3].Size-6 : first+65536])
			return b
		}, all, nil, 1},
		{"number of values", func(b []byte, p []evtxtest.Place) []byte { put32(b, p[2].Offset+24+14, 0xFFFFFFFF); return b },
			without(3), []evtx.Reason{evtx.BadOffset}, 0},
		{"template offset", func(b []byte, p []evtxtest.Place) []byte { put32(b, p[2].Offset+24+10, 0xFFFFFF00); return b },
			without(3), []evtx.Reason{evtx.BadOffset}, 0},
		{"template itself", func(b []byte, p []evtxtest.Place) []byte { b[p[0].Offset+24+4+10+24+4] = 0x3B; return b },
			without(1, 2, 3, 4), []evtx.Reason{evtx.BadXML, evtx.BadXML, evtx.BadXML, evtx.BadXML}, 0},
		{"another template's number", func(b []byte, p []evtxtest.Place) []byte { b[p[2].Offset+24+6]++; return b },
			without(3), []evtx.Reason{evtx.Overwritten}, 0},
		{"bytes lost", func(b []byte, p []evtxtest.Place) []byte { return slices.Delete(b, p[2].Offset, p[2].Offset+1000) },
			without(3, 4), []evtx.Reason{evtx.BadFraming}, 0},
		{"bytes put in between chunks", func(b []byte, _ []evtxtest.Place) []byte {
			return slices.Insert(b, second, bytes.Repeat([]byte{0xA5}, 777)...)
		}, all, []evtx.Reason{evtx.BadChunk}, 0},
		{"cut in a record", func(b []byte, p []evtxtest.Place) []byte { return b[:p[10].Offset+100] }, without(11, 12),
			[]evtx.Reason{evtx.CutRecord}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, places := changes(12, 4)
			b = test.damage(b, places)
			records, skips := decode(t, b)
			var ids []uint64
			torn := 0
			for _, r := range records {
				ids = append(ids, r.ID)
				if r.Torn {
					torn++
				}
			}
			var why []evtx.Reason
			for _, s := range skips {
				why = append(why, s.Reason)
			}
			if !slices.Equal(ids, test.keep) || !slices.Equal(why, test.why) || torn != test.torn {
				t.Errorf("kept %d, torn %d, skipped %v", ids, torn, skips)
			}
		})
	}
}

// TestLaterTemplate: a record may use a template that a later one defines.
func TestLaterTemplate(t *testing.T) {
	data := evtxtest.Data("later")
	text := evtxtest.UTF16("hello")
	early := []byte{0x0F, 1, 1, 0, 0x0C, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, byte(len(text)), 0, 1, 0}
	early = append(append(early, text...), 0)
	copy(early[6:], data.GUID[:4])
	l := (&evtxtest.Log{}).Add(evtxtest.Event{ID: 1, XML: evtxtest.Item{Bytes: early}},
		evtxtest.Event{ID: 2, XML: evtxtest.Item{Template: data, Values: []evtxtest.Value{evtxtest.Str("own")}}})
	b := l.Bytes()
	at := l.Records()
	put32(b, at[0].Offset+24+10, uint32(at[1].Offset-4096+24+14))
	records, skips := decode(t, evtxtest.Sum(b))
	if len(records) != 2 || len(skips) != 0 || show(records[0]) != "EventData/Data[later]String=hello;" {
		t.Error(len(records), skips)
	}
}

// TestSameTemplate: templates of one GUID and size with other names are not
// taken for each other, chunk by chunk.
func TestSameTemplate(t *testing.T) {
	l := &evtxtest.Log{}
	want := []string{"aaa", "bbb", "aaa", "ccc"}
	for i, name := range want {
		tpl := &evtxtest.Template{GUID: [16]byte{7}, Root: evtxtest.El("EventData", evtxtest.El(name, evtxtest.Sub(0, 1)))}
		if i == 3 { // the name lies outside of the definition
			root := evtxtest.El("EventData", evtxtest.El(name, evtxtest.Text("x")))
			l.Add(evtxtest.Event{ID: 99, XML: evtxtest.Item{Literal: &root}})
		}
		l.Add(evtxtest.Event{ID: uint64(i), XML: evtxtest.Item{Template: tpl,
			Values: []evtxtest.Value{evtxtest.Str("v")}}}).End()
	}
	records, _ := decode(t, l.Bytes())
	if len(records) != 5 {
		t.Fatal(len(records))
	}
	for i, r := range []*evtx.Record{records[0], records[1], records[2], records[4]} {
		if r.Fields[0].Name != want[i] {
			t.Errorf("%d: %s, want %s", i, r.Fields[0].Name, want[i])
		}
	}
}
