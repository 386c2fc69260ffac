package block_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/sighting"
)

// shapes are ways in which a column's values may lie.
var shapes = map[string]func(r *rand.Rand, i int) int64{
	"zero":         func(*rand.Rand, int) int64 { return 0 },
	"constant":     func(*rand.Rand, int) int64 { return -77 },
	"two":          func(r *rand.Rand, _ int) int64 { return 29 + 4659*r.Int64N(2) },
	"runs":         func(_ *rand.Rand, i int) int64 { return int64(i/50) * 1_000_000_007 },
	"ascending":    func(_ *rand.Rand, i int) int64 { return 1 << 40 * 3 * int64(i) },
	"nearly":       func(r *rand.Rand, i int) int64 { return int64(i) + r.Int64N(3) },
	"small":        func(r *rand.Rand, _ int) int64 { return r.Int64N(1000) - 500 },
	"nanos":        func(r *rand.Rand, _ int) int64 { return r.Int64N(1e9) },
	"codes":        func(r *rand.Rand, _ int) int64 { return int64(math.Exp(r.Float64() * 9)) },
	"far":          func(r *rand.Rand, _ int) int64 { return []int64{5, 6, math.MaxInt64, 7, -5}[r.IntN(5)] },
	"holes":        func(r *rand.Rand, i int) int64 { return []int64{1e9 + int64(i), sighting.NoSecond}[r.IntN(20)/19] },
	"high":         func(r *rand.Rand, i int) int64 { return []int64{int64(i), math.MaxInt64 - 9}[r.IntN(30)/29] },
	"anything":     func(r *rand.Rand, _ int) int64 { return int64(r.Uint64()) },
	"many, few":    func(r *rand.Rand, _ int) int64 { return r.Int64N(3000) * 0x123456789ab },
	"56 bits":      func(r *rand.Rand, _ int) int64 { return r.Int64N(1 << 56) },
	"least, most":  func(r *rand.Rand, _ int) int64 { return []int64{math.MinInt64, math.MaxInt64}[r.IntN(2)] },
	"least at end": func(_ *rand.Rand, i int) int64 { return []int64{1 << 50, math.MinInt64}[i/255&1] },
}

var lengths = []int{0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 255, 256, 1000, 8192}

// TestColumns: whatever the values, they come out as they went in, alone and
// with others, into columns that held something else.
func TestColumns(t *testing.T) {
	const first = 1 << 33
	for name, shape := range shapes {
		for _, n := range lengths {
			if n > 1000 && testing.Short() {
				continue
			}
			r := rand.New(rand.NewPCG(1, uint64(n)))
			values := make([]int64, n)
			for i := range values {
				values[i] = shape(r, i)
			}
			in := block.Columns{Second: values, Nanos: values, Host: values, Channel: values, Provider: values,
				Code: values, Record: values, Event: slices.Clone(values)}
			for i := range in.Event { // what cannot be stands for 0
				if in.Event[i] < 0 || i%5 == 0 {
					in.Event[i] = first + int64(i)
				}
			}
			before := slices.Clone(in.Event)
			data := in.Encode(first)
			if !slices.Equal(in.Event, before) {
				t.Fatalf("%s: encoding changes the columns", name)
			}
			out := block.Columns{Host: []int64{9, 9}, Code: make([]int64, 10_000)}
			if err := block.DecodeColumns(data, first, n, block.All, &out); err != nil {
				t.Fatalf("%s, %d values: %v", name, n, err)
			}
			if fmt.Sprint(in) != fmt.Sprint(out) || out.Len() != n {
				t.Fatalf("%s, %d values: come out otherwise", name, n)
			}
			if err := block.DecodeColumns(data, first, n, block.CodeColumn|block.HostColumn, &out); err != nil ||
				!slices.Equal(out.Code, values) || !slices.Equal(out.Host, values) || len(out.Second)+len(out.Event) != 0 {
				t.Fatalf("%s, %d values: two of the columns: %v", name, n, err)
			}
			for _, wrong := range []int{n + 1, n - 1, -1} {
				if err := block.DecodeColumns(data, first, wrong, block.All, &out); !errors.Is(err, block.ErrDamaged) {
					t.Errorf("%s: %d of %d values: %v", name, wrong, n, err)
				}
			}
		}
	}
}

// TestShort: columns are as short as their values let them be.
func TestShort(t *testing.T) {
	const n = 8192
	for name, most := range map[string]int{"zero": 2, "constant": 3, "two": n/8 + 20, "runs": 8 * n / 50, "ascending": 40,
		"nearly": n/2 + 40, "small": n*10/8 + 20, "nanos": n*30/8 + 40, "holes": n*14/8 + n/20*15, "anything": 8*n + 20} {
		r := rand.New(rand.NewPCG(1, 2))
		var c block.Columns
		for i := range n {
			c.Record = append(c.Record, shapes[name](r, i))
		}
		c.Event = make([]int64, n) // of none
		empty := (&block.Columns{Event: c.Event}).Encode(1)
		if got := len(c.Encode(1)) - len(empty) + 2; got > most {
			t.Errorf("%s: %d values take %d bytes, want %d at most", name, n, got, most)
		}
	}
}

// TestMissingColumns: a column that is not given is one of zeros.
func TestMissingColumns(t *testing.T) {
	in := block.Columns{Code: []int64{1, 2, 3}}
	var out block.Columns
	if err := block.DecodeColumns(in.Encode(5), 5, 3, block.All, &out); err != nil {
		t.Fatal(err)
	}
	zero := []int64{0, 0, 0}
	want := block.Columns{zero, zero, zero, zero, zero, []int64{1, 2, 3}, zero, zero}
	if !reflect.DeepEqual(out, want) {
		t.Errorf("%+v", out)
	}
}

// fleetColumns are columns as a fleet's log gives them.
func fleetColumns(n int, first int64) *block.Columns {
	r := rand.New(rand.NewPCG(3, 4))
	c := &block.Columns{Nanos: make([]int64, n)}
	for i := range n {
		kind := int64(r.IntN(20) / 19)
		c.Second = append(c.Second, 1_764_547_200+int64(i)*12/10)
		c.Host = append(c.Host, 1+r.Int64N(5000))
		c.Channel = append(c.Channel, 1+kind)
		c.Provider = append(c.Provider, 1+kind)
		c.Code = append(c.Code, 4688-4659*kind)
		c.Record = append(c.Record, r.Int64N(200)+r.Int64N(2)*r.Int64N(30_000))
		c.Event = append(c.Event, first+int64(i))
	}
	return c
}

// TestFleet: what a block knows of an event of a fleet's log takes few bytes.
func TestFleet(t *testing.T) {
	const n = 8192
	if got := float64(len(fleetColumns(n, 1).Encode(1))) / n; got > 7 {
		t.Errorf("%.2f bytes an event, want 7 at most", got)
	}
}

// rounds is how often something random is tried; with the race detector, which
// -short goes with, a tenth is enough.
func rounds(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// unsealed is what versions before the checksum wrote: it is still read, and all that
// decoding has to hold out against.
func unsealed(b []byte) []byte {
	b[0] = 1
	return b[:len(b)-4]
}

// TestSeals: whatever single byte of columns or of a summary is another one, they are
// damaged; without a checksum they are read as before.
func TestSeals(t *testing.T) {
	c := fleetColumns(500, 1)
	summary := c.Summarize(1)
	var out block.Columns
	for name, good := range map[string][]byte{"columns": c.Encode(1), "summary": summary.Encode()} {
		read := func(b []byte) (err error) {
			if name == "summary" {
				_, err = block.DecodeSummary(b)
				return err
			}
			return block.DecodeColumns(b, 1, 500, block.All, &out)
		}
		if err := read(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := 1; i < len(good); i++ { // the first byte says whether there is a checksum
			bad := slices.Clone(good)
			bad[i] ^= 1 << (i % 8)
			if err := read(bad); !errors.Is(err, block.ErrDamaged) {
				t.Fatalf("%s, byte %d: %v", name, i, err)
			}
		}
		if err := read(unsealed(slices.Clone(good))); err != nil {
			t.Errorf("%s of an older version: %v", name, err)
		}
	}
}

// mutations calls f with what becomes of good bytes when some of them change,
// are cut off or doubled.
func mutations(good []byte, n int, f func(bad []byte)) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range len(good) {
		f(good[:i])
	}
	for range n {
		bad := slices.Clone(good)
		for range 1 + r.IntN(3) {
			at := r.IntN(len(bad))
			switch r.IntN(4) {
			case 0:
				bad[at] ^= 1 << r.IntN(8)
			case 1:
				bad[at] = []byte{0, 0x7f, 0x80, 0xff, 64, 1}[r.IntN(6)]
			case 2:
				bad = slices.Delete(bad, at, min(at+r.IntN(9), len(bad)))
			default:
				bad = slices.Insert(bad, at, bad[at/2:min(at/2+9, len(bad))]...)
			}
			if len(bad) == 0 {
				bad = []byte{0}
			}
		}
		f(bad)
	}
}

// TestHostileColumns: bytes that are not what was written end in an error or in
// columns of the length asked for.
func TestHostileColumns(t *testing.T) {
	const first, n = 7, 70
	var out block.Columns
	for name, shape := range shapes {
		r := rand.New(rand.NewPCG(1, 2))
		in := block.Columns{}
		for i := range n {
			in.Record = append(in.Record, shape(r, i))
			in.Event = append(in.Event, first+int64(i)*r.Int64N(2))
		}
		mutations(unsealed(in.Encode(first)), rounds(3000), func(bad []byte) {
			err := block.DecodeColumns(bad, first, n, block.All, &out)
			if err == nil && (len(out.Record) != n || len(out.Event) != n || out.Len() != n) ||
				err != nil && !errors.Is(err, block.ErrDamaged) {
				t.Fatalf("%s: %v, %d values", name, err, len(out.Record))
			}
		})
	}
	huge := (&block.Columns{Host: make([]int64, block.MostRecords)}).Encode(1)
	if err := block.DecodeColumns(huge, 1, block.MostRecords+1, block.All, &out); !errors.Is(err, block.ErrDamaged) {
		t.Error(err)
	}
}

// TestSummary: a summary is of the block's events and of what else was seen of
// events, and says of each that it may be there; not of what is of no event.
func TestSummary(t *testing.T) {
	const first = 100
	c := block.Columns{
		Second:   []int64{50, sighting.NoSecond, -3, 9000, 70, 10},
		Host:     []int64{1, 0, 2, 99, 1, 1},
		Channel:  []int64{4, 4, 4, 98, 4, 4},
		Provider: []int64{5, 6, 5, 97, 0, 5},
		Code:     []int64{29, event.None, 29, 96, 4688, 29},
		Record:   []int64{10, event.None, 8, 95, 12, 9},
		Event:    []int64{first, first + 1, 33, 0, first + 4, first + 5},
	}
	s := c.Summarize(first)
	want := block.Summary{Live: 4, Variants: 1, Timed: true, Untimed: true, First: -3, Last: 70, Numbered: true,
		FirstRecord: 8, LastRecord: 12}
	for range 2 {
		for name, set := range map[string]struct {
			got  *block.IDs
			want []int64
		}{"hosts": {&s.Hosts, []int64{0, 1, 2}}, "channels": {&s.Channels, []int64{4}},
			"providers": {&s.Providers, []int64{0, 5, 6}}, "codes": {&s.Codes, []int64{event.None, 29, 4688}}} {
			if ids, known := set.got.Exactly(); !known || !slices.Equal(ids, set.want) {
				t.Errorf("%s: %v", name, ids)
			}
		}
		got := s
		got.Hosts, got.Channels, got.Providers, got.Codes = want.Hosts, want.Channels, want.Providers, want.Codes
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", s)
		}
		var err error
		if s, err = block.DecodeSummary(s.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	none := (&block.Columns{Second: []int64{1}, Event: []int64{0}}).Summarize(1)
	if none.Live != 0 || none.Timed || none.Untimed || none.Hosts.MayHold(0) {
		t.Errorf("of a record of no event: %+v", none)
	}
}

// TestIDs: of few numbers the very ones may be there; of many all that are, and
// not all of the others.
func TestIDs(t *testing.T) {
	for _, n := range []int{1, 64, 65, 300} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		ids := []int64{event.None}
		for len(ids) < n {
			if id := r.Int64N(1e12); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		var c block.Columns
		for i, id := range ids {
			c.Event, c.Code = append(c.Event, 1+int64(i)), append(c.Code, id)
		}
		c.Second, c.Host, c.Channel, c.Provider, c.Record = c.Code, c.Code, c.Code, c.Code, c.Code
		summary := c.Summarize(1)
		s, err := block.DecodeSummary(summary.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if _, known := s.Codes.Exactly(); known != (n <= 64) {
			t.Errorf("%d numbers are known: %v", n, known)
		}
		for _, id := range ids {
			if !s.Codes.MayHold(id) || !s.Hosts.MayHold(id) {
				t.Fatalf("%d numbers: %d is not there", n, id)
			}
		}
		others, passed := 0, 0
		for ; others < 1000; others++ {
			if s.Codes.MayHold(2e12 + int64(others)) {
				passed++
			}
		}
		if n <= 64 && passed > 0 || passed > 400 {
			t.Errorf("%d numbers: %d of %d others may be there", n, passed, others)
		}
	}
}

// TestHostileSummary: bytes that are not what was written end in an error or in
// a summary.
func TestHostileSummary(t *testing.T) {
	for _, n := range []int{3, 100} {
		c := fleetColumns(n, 1)
		summary := c.Summarize(1)
		mutations(unsealed(summary.Encode()), 20_000, func(bad []byte) {
			s, err := block.DecodeSummary(bad)
			if err != nil && !errors.Is(err, block.ErrDamaged) {
				t.Fatal(err)
			}
			s.Hosts.MayHold(-5)
			s.Codes.MayHold(math.MinInt64)
		})
	}
}

func BenchmarkEncodeColumns(b *testing.B) {
	const n = 8192
	c := fleetColumns(n, 1)
	size := 0
	for b.Loop() {
		size = len(c.Encode(1))
	}
	b.ReportMetric(float64(size)/n, "B/event")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}

// BenchmarkDecodeColumns reads a million values of each shape, so MB/s are
// millions of values a second.
func BenchmarkDecodeColumns(b *testing.B) {
	const n = 8192
	for _, name := range []string{"constant", "two", "runs", "small", "nearly", "holes", "many, few"} {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var c, out block.Columns
			for i := range n {
				c.Record = append(c.Record, shapes[name](r, i))
			}
			data := c.Encode(1)
			b.SetBytes(n)
			for b.Loop() {
				if err := block.DecodeColumns(data, 1, n, block.RecordColumn, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestReach: what a run of blocks does not meet, none of them overlaps; and most
// of what none overlaps it does not meet.
func TestReach(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	summary := func(n int) *block.Summary {
		c := &block.Columns{}
		c.Resize(n)
		second, record, kind := r.Int64N(60), r.Int64N(60), r.IntN(4)
		for i := range n {
			c.Event[i], c.Second[i], c.Record[i] = int64(i+1), second+r.Int64N(9), record+r.Int64N(9)
			if kind == 0 {
				c.Second[i] = event.NoSecond
			} else if kind == 1 {
				c.Record[i] = event.None
			}
		}
		s := c.Summarize(1)
		return &s
	}
	met, overlapped := 0, 0
	for range 2000 {
		var reach block.Reach
		blocks := make([]*block.Summary, r.IntN(3))
		for i := range blocks {
			blocks[i] = summary(r.IntN(4))
			reach.Add(blocks[i])
		}
		about := summary(1)
		meets := reach.Meets(about)
		overlaps := slices.ContainsFunc(blocks, func(s *block.Summary) bool { return s.Overlaps(about) })
		if overlaps && !meets {
			t.Fatalf("%+v overlaps one of %d blocks, and the run does not meet it", about, len(blocks))
		}
		if meets {
			met++
		}
		if overlaps {
			overlapped++
		}
	}
	if overlapped < 20 || met > 3*overlapped {
		t.Errorf("%d overlap, %d are met", overlapped, met)
	}
}
