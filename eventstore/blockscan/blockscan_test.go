package blockscan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/sighting"
)

type chunk = blockscan.Chunk

// memory is a store of blocks in memory.
type memory struct {
	entries                   []blockscan.Entry
	columns, words, originals map[int64][]byte
	mu                        sync.Mutex
	read                      map[string]int // how often a part was read
	fail                      map[string]error
}

func (m *memory) Directory(context.Context) ([]blockscan.Entry, error) {
	return m.entries, m.fail["directory"]
}

func (m *memory) part(name string, first int64, parts map[int64][]byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read[name]++
	return parts[first], m.fail[fmt.Sprint(name, first)]
}

func (m *memory) Columns(_ context.Context, first int64) ([]byte, error) {
	return m.part("columns", first, m.columns)
}

func (m *memory) Words(_ context.Context, first int64) ([]byte, error) {
	return m.part("words", first, m.words)
}

func (m *memory) Originals(_ context.Context, first int64) ([]byte, error) {
	return m.part("originals", first, m.originals)
}

// add stores a block behind the others. Events below 1 stand for the record's own
// number.
func (m *memory) add(c *block.Columns, raws []string, gap int64) {
	first := int64(1)
	if n := len(m.entries); n > 0 {
		first = m.entries[n-1].First + int64(m.entries[n-1].Count) + gap
	}
	for i := range c.Event {
		if c.Event[i] < 0 {
			c.Event[i] = first + int64(i)
		}
	}
	p := block.Pack(len(raws), func(i int) (int64, string) { return int64(i), raws[i] })
	m.entries = append(m.entries, blockscan.Entry{First: first, Count: len(raws), Reading: 7, Summary: c.Summarize(first)})
	m.columns[first], m.words[first], m.originals[first] = c.Encode(first), p.Words, p.Bytes
}

func newMemory() *memory {
	return &memory{columns: map[int64][]byte{}, words: map[int64][]byte{}, originals: map[int64][]byte{},
		read: map[string]int{}, fail: map[string]error{}}
}

// one is a record of the plain list that a scan is compared with.
type one struct {
	number, event, second, host, channel, provider, code int64
	raw                                                  string
}

var vocabulary = strings.Fields("alpha Beta gamma32 DELTA c:\\windows\\system32 planted17 x")

// random fills a store with random blocks, and lists what is in them. Records
// that are seen again say the second, host, channel and code of their event.
func random(r *rand.Rand) (m *memory, all []one) {
	m = newMemory()
	for range 1 + r.IntN(12) {
		n := 1 + r.IntN(30)
		var c block.Columns
		var raws []string
		base := r.Int64N(1000)
		for range n {
			o := one{event: -1, second: base + r.Int64N(50), host: r.Int64N(4), channel: 1 + r.Int64N(2), provider: r.Int64N(3),
				code: []int64{29, 4688, event.None}[r.IntN(3)]}
			if r.IntN(9) == 0 {
				o.second = sighting.NoSecond
			}
			switch k := r.IntN(8); {
			case k == 0:
				o.event = 0
			case k == 1 && len(all) > 0:
				if of := all[r.IntN(len(all))]; of.event == of.number {
					of.provider, o = o.provider, of
				}
			}
			for range 1 + r.IntN(3) {
				o.raw += vocabulary[r.IntN(len(vocabulary))] + []string{" ", "-", "\n"}[r.IntN(3)]
			}
			c.Second, c.Nanos, c.Host = append(c.Second, o.second), append(c.Nanos, 0), append(c.Host, o.host)
			c.Channel, c.Provider = append(c.Channel, o.channel), append(c.Provider, o.provider)
			c.Code, c.Record, c.Event = append(c.Code, o.code), append(c.Record, 5), append(c.Event, o.event)
			raws = append(raws, o.raw)
			all = append(all, o)
		}
		m.add(&c, raws, r.Int64N(3))
		first := m.entries[len(m.entries)-1].First
		for i := range n {
			o := &all[len(all)-n+i]
			o.number, o.event = first+int64(i), c.Event[i]
		}
	}
	return m, all
}

// asked is a query with what it looks for in texts.
type asked struct {
	blockscan.Query
	words, texts []string
}

func question(r *rand.Rand) (q asked) {
	some := func(from ...int64) (out []int64) {
		for range r.IntN(3) {
			out = append(out, from[r.IntN(len(from))])
		}
		return out
	}
	if r.IntN(3) == 0 {
		at := r.Int64N(1000)
		q.From = &at
	}
	if r.IntN(3) == 0 {
		at := r.Int64N(1000)
		q.To = &at
	}
	if r.IntN(2) == 0 {
		q.Hosts, q.Channels, q.Codes = some(0, 1, 2, 3, 99), some(1, 2), some(29, 4688, event.None)
		q.Providers = some(0, 1, 2)
	}
	if r.IntN(3) == 0 {
		q.After, q.UpTo = r.Int64N(60), 40+r.Int64N(200)
	}
	if r.IntN(3) == 0 {
		q.words = append(q.words, []string{"ALPHA", "beta", "system32", "nothing", "gamma"}[r.IntN(5)])
	}
	if r.IntN(3) == 0 {
		q.texts = append(q.texts, []string{"lph", "DOWS\\sys", "d1", "nothing", "gamma"}[r.IntN(5)])
	}
	q.Find = block.NewFinder(q.words, q.texts)
	q.Newest, q.Originals, q.Brief = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0
	q.Columns = []block.Set{0, block.All, block.HostColumn}[r.IntN(3)]
	return q
}

// matches says whether a record is one that a scan must hand out, the plain way.
func (q *asked) matches(o one) bool {
	among := func(ids []int64, id int64) bool { return len(ids) == 0 || slices.Contains(ids, id) }
	if o.event == 0 || o.event != o.number && len(q.words)+len(q.texts) == 0 {
		return false
	}
	if (q.From != nil || q.To != nil) && o.second == sighting.NoSecond || q.From != nil && o.second < *q.From ||
		q.To != nil && o.second > *q.To || o.event <= q.After || q.UpTo > 0 && o.event > q.UpTo {
		return false
	}
	for _, w := range q.words {
		if !slices.Contains(strings.FieldsFunc(strings.ToLower(o.raw), func(r rune) bool {
			return strings.ContainsRune(" -\n:\\", r)
		}), strings.ToLower(w)) {
			return false
		}
	}
	for _, t := range q.texts {
		if !strings.Contains(strings.ToLower(o.raw), strings.ToLower(t)) {
			return false
		}
	}
	return among(q.Hosts, o.host) && among(q.Channels, o.channel) && among(q.Codes, o.code) &&
		(among(q.Providers, o.provider) || o.event != o.number)
}

// TestScan: a scan hands out all that matches, in its order, with what was asked
// for; and, since these texts hold no escapes, hardly more.
func TestScan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	logs := 400
	if testing.Short() {
		logs = 100
	}
	for n := range logs {
		m, all := random(r)
		again := func(event int64) bool {
			return slices.ContainsFunc(all, func(o one) bool { return o.event == event && o.number != event })
		}
		for range 5 {
			q := question(r)
			var got []int64
			last, rest := int64(0), int64(math.MaxInt64)
			err := blockscan.Scan(t.Context(), m, q.Query, func(c *chunk) (func() error, error) {
				first, left, rows := c.First, c.Rest, make([]one, 0, len(c.Rows))
				for _, row := range c.Rows {
					o := one{number: c.Number(row), event: c.Columns.Event[row]}
					if q.Columns&block.HostColumn != 0 {
						o.host = c.Columns.Host[row]
					}
					if q.Originals {
						_, o.raw = c.Originals.Record(int(row))
						if q.Brief {
							o.raw = strings.Clone(o.raw)
						}
					}
					if again(o.event) != slices.Contains(c.Varied, row) && q.Originals {
						t.Errorf("%d: event %d is varied: %v", n, o.event, again(o.event))
					}
					rows = append(rows, o)
				}
				return func() error {
					if !q.Newest && first <= last || q.Newest && left > rest {
						t.Errorf("%d: block %d after %d, the rest from %d after %d", n, first, last, left, rest)
					}
					for _, o := range rows {
						want := all[slices.IndexFunc(all, func(a one) bool { return a.number == o.number })]
						if o.event != want.event || o.host != 0 && o.host != want.host || o.raw != "" && o.raw != want.raw ||
							q.Newest && want.second != sighting.NoSecond && want.second > rest {
							t.Errorf("%d: row %+v of %+v", n, o, want)
						}
						got = append(got, o.number)
					}
					last, rest = first, left
					return nil
				}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !q.Newest && !slices.IsSorted(got) {
				t.Errorf("%d: numbers %v", n, got)
			}
			slices.Sort(got)
			var want []int64
			for _, o := range all {
				if q.matches(o) {
					want = append(want, o.number)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d: query %+v: %v, want %v", n, q, got, want)
			}
		}
	}
}

// TestReads: no more of a block is read than a query takes.
func TestReads(t *testing.T) {
	m := newMemory()
	for i := range int64(10) {
		at := 100 * i
		m.add(&block.Columns{Second: []int64{at, at + 9}, Nanos: []int64{0, 0}, Host: []int64{i, i}, Channel: []int64{1, 1},
			Provider: []int64{1, 1}, Code: []int64{29, 29}, Record: []int64{1, 2},
			Event: []int64{-1, -1}},
			[]string{fmt.Sprintf("the word%d", i), "the others"}, 0)
	}
	from, to := int64(205), int64(305)
	find := func(words string, text ...string) *block.Finder { return block.NewFinder(strings.Fields(words), text) }
	for name, c := range map[string]struct {
		q    blockscan.Query
		want map[string]int
		rows int
	}{
		"all":       {blockscan.Query{}, map[string]int{"columns": 10}, 20},
		"no finder": {blockscan.Query{Find: find("")}, map[string]int{"columns": 10}, 20},
		"originals": {blockscan.Query{Originals: true}, map[string]int{"columns": 10, "originals": 10}, 20},
		"times":     {blockscan.Query{From: &from, To: &to}, map[string]int{"columns": 2}, 2},
		"a host":    {blockscan.Query{Hosts: []int64{3}, Originals: true}, map[string]int{"columns": 1, "originals": 1}, 2},
		"no code":   {blockscan.Query{Codes: []int64{30}}, map[string]int{}, 0},
		"numbers":   {blockscan.Query{After: 4, UpTo: 7}, map[string]int{"columns": 2}, 3},
		"a word":    {blockscan.Query{Find: find("word7")}, map[string]int{"words": 10, "columns": 1, "originals": 1}, 1},
		"a text": {blockscan.Query{Find: find("", "ord7")}, map[string]int{"words": 10, "columns": 10,
			"originals": 10}, 1},
		"words in it": {blockscan.Query{Find: find("", " word7 ")}, map[string]int{"words": 10, "columns": 1,
			"originals": 1}, 0},
		"word, no time": {blockscan.Query{Find: find("word2"), To: &from, From: &from}, map[string]int{"words": 1,
			"columns": 1}, 0},
	} {
		m.read = map[string]int{}
		rows := 0
		err := blockscan.Scan(t.Context(), m, c.q, func(c *chunk) (func() error, error) {
			n := len(c.Rows)
			return func() error { rows += n; return nil }, nil
		})
		if err != nil || !maps.Equal(m.read, c.want) || rows != c.rows {
			t.Errorf("%s: %v, %d rows, read %v, want %v", name, err, rows, m.read, c.want)
		}
	}
}

// many is a store of n blocks of one event each, their seconds descending.
func many(n int) *memory {
	m := newMemory()
	for i := range n {
		m.add(&block.Columns{Second: []int64{int64(1000 - i)}, Nanos: []int64{0}, Host: []int64{1}, Channel: []int64{1},
			Provider: []int64{1}, Code: []int64{1}, Record: []int64{1}, Event: []int64{-1}}, []string{"raw"}, 0)
	}
	return m
}

// TestEnds: a scan ends with the first error in the order of its chunks, when it
// has enough, or when nobody waits any more; and leaves nobody behind.
func TestEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	bad := errors.New("bad")
	for name, c := range map[string]struct {
		fail string
		look error // of the fifth chunk
		tell error // of the fifth
		want error
		told int
	}{
		"all":               {"", nil, nil, nil, 100},
		"the directory":     {"directory", nil, nil, bad, 0},
		"a part":            {"columns7", nil, nil, bad, 6},
		"look":              {"", bad, nil, bad, 4},
		"look, before":      {"originals90", bad, nil, bad, 4},
		"tell":              {"", nil, bad, bad, 5},
		"stop":              {"", nil, blockscan.ErrStop, nil, 5},
		"stop of look":      {"", blockscan.ErrStop, nil, nil, 4},
		"stop, then a part": {"columns50", nil, blockscan.ErrStop, nil, 5},
	} {
		m := many(100)
		m.fail[c.fail] = bad
		told := 0
		q := blockscan.Query{Originals: true}
		err := blockscan.Scan(t.Context(), m, q, func(k *chunk) (func() error, error) {
			if k.First == 5 && c.look != nil {
				return nil, c.look
			}
			return func() error {
				if told++; told == 5 {
					return c.tell
				}
				return nil
			}, nil
		})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || told != c.told {
			t.Errorf("%s: %v, %d told, want %d", name, err, told, c.told)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := blockscan.Scan(ctx, many(100), blockscan.Query{}, func(k *chunk) (func() error, error) {
		return func() error { cancel(); return nil }, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := blockscan.Scan(ctx, newMemory(), blockscan.Query{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, of nothing: %v", err)
	}
	for range 5000 { // those that were told to end may not have yet
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestGone: what was deleted since the directory was read is passed over; what is
// damaged is said so.
func TestGone(t *testing.T) {
	for part, of := range map[string]func(*memory) map[int64][]byte{
		"columns":   func(m *memory) map[int64][]byte { return m.columns },
		"originals": func(m *memory) map[int64][]byte { return m.originals },
	} {
		for _, data := range [][]byte{nil, {9, 9}} {
			m := many(3)
			if of(m)[2] = data; data == nil {
				delete(of(m), 2)
			}
			var seen []int64
			err := blockscan.Scan(t.Context(), m, blockscan.Query{Originals: true}, func(c *chunk) (func() error, error) {
				first := c.First
				return func() error { seen = append(seen, first); return nil }, nil
			})
			if data == nil && (err != nil || fmt.Sprint(seen) != "[1 3]") {
				t.Errorf("%s gone: %v, %v", part, seen, err)
			}
			if data != nil && !errors.Is(err, block.ErrDamaged) {
				t.Errorf("%s damaged: %v", part, err)
			}
		}
	}
}

// TestBounded: no more chunks are looked at ahead than so many a processor.
func TestBounded(t *testing.T) {
	var mu sync.Mutex
	looked, most, told := 0, 0, 0
	err := blockscan.Scan(t.Context(), many(300), blockscan.Query{}, func(*chunk) (func() error, error) {
		mu.Lock()
		defer mu.Unlock()
		looked++
		most = max(most, looked-told)
		return func() error {
			mu.Lock()
			defer mu.Unlock()
			told++
			return nil
		}, nil
	})
	if err != nil || told != 300 || most > 4*runtime.GOMAXPROCS(0)+1 {
		t.Errorf("%v, %d told, %d ahead", err, told, most)
	}
}
