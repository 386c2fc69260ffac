package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
	"escutcheon/eventstore/clickhouse"
	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/fault"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

var ctx = context.Background()

func open(t *testing.T, address string) *clickhouse.Store {
	t.Helper()
	s, err := clickhouse.Open(address, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// made is a block of n records from first on, of which every third is another event's.
func made(r *rand.Rand, first, at int64, n int) blockstore.Block {
	b := blockstore.Block{Ref: blockstore.Ref{First: first, At: at}, Columns: &block.Columns{}}
	c := b.Columns
	c.Resize(n)
	raws := make([]string, n)
	for i := range n {
		c.Second[i], c.Nanos[i] = 1_700_000_000+int64(i), int64(i)
		c.Host[i], c.Channel[i], c.Provider[i], c.Code[i] = int64(i%3), int64(i%2), int64(i%5), int64(29+i%4)
		if i%7 == 0 {
			c.Code[i], c.Record[i], c.Second[i] = math.MinInt64, math.MinInt64, math.MinInt64
		}
		if c.Event[i] = first + int64(i); i%3 == 2 {
			c.Event[i] = 1
		}
		raw := make([]byte, r.IntN(300))
		for k := range raw {
			raw[k] = byte(r.Uint32())
		}
		raws[i] = fmt.Sprintf("%s Word%dEnd '\\\n%s", raw, i, []string{"", "&#65;", `\u0041`}[i%3])
	}
	p := block.Pack(n, func(i int) (int64, string) { return int64(i * 10), raws[i] })
	o, err := block.Unpack(p.Bytes, n)
	if err != nil {
		panic(err)
	}
	b.Originals = o
	for i := range n {
		b.Seed = append(b.Seed, blockstore.SeedRecord{Pos: i, Second: int64(i), Row: blockstore.SeedRow{OpCode: "Info",
			EventCode: "29", Computer: "web", Message: fmt.Sprintf("'\t%d", i%2)}})
	}
	return b
}

func part(b blockstore.Block) blockstore.Part {
	return blockstore.Part{Ref: b.Ref, Count: b.Columns.Len()}
}

func sameColumns(a, b *block.Columns) bool {
	return slices.Equal(a.Encode(1), b.Encode(1))
}

// overBoth runs a test over one server, and over the shards of a cluster.
func overBoth(t *testing.T, test func(t *testing.T, s *clickhouse.Store)) {
	t.Run("one server", func(t *testing.T) { test(t, open(t, clickhousetest.Address(t))) })
	t.Run("shards", func(t *testing.T) { test(t, open(t, clickhousetest.ShardsAddress(t))) })
}

// TestStore has what was put be read back to the byte, however often it was put.
func TestStore(t *testing.T) { overBoth(t, testStore) }

func testStore(t *testing.T, s *clickhouse.Store) {
	r := rand.New(rand.NewPCG(1, 2))
	a, b := made(r, 1, 5, 40), made(r, 41, 6, 30)
	older := made(r, 41, 9, 30)
	for range 2 {
		ok(t, s.Put(ctx, []blockstore.Block{a, b}))
	}
	ok(t, s.Put(ctx, []blockstore.Block{older}))
	missing := blockstore.Part{Ref: blockstore.Ref{First: 71, At: 1}, Count: 3}
	rows, err := s.Read(ctx, blockstore.Ask{Blocks: []blockstore.Part{part(b), missing, part(a)}, Columns: block.All,
		Originals: true})
	ok(t, err)
	for k, want := range []*blockstore.Block{&b, nil, &a} {
		got := &rows[k]
		if want == nil {
			if got.There {
				t.Error("a block that was never put is there")
			}
			continue
		}
		if !got.There || got.Came < want.Columns.Len() || !sameColumns(&got.Columns, want.Columns) {
			t.Errorf("block %d: %d rows\n%v\nwant\n%v", want.First, got.Came, got.Columns, *want.Columns)
		}
		for i := range want.Originals.Len() {
			offset, raw := got.Originals.Record(i)
			if o, w := want.Originals.Record(i); offset != o || raw != w {
				t.Fatalf("record %d of block %d is %q at %d, want %q at %d", i, want.First, raw, offset, w, o)
			}
		}
	}
	n := map[blockstore.Ref]int64{}
	ok(t, s.Counts(ctx, func(c blockstore.Count) error { n[c.Ref] += c.Events; return nil }))
	if n[a.Ref] != 27 || n[b.Ref] != 20 { // two of three, however often they were put
		t.Errorf("counted %v", n)
	}
	var seed []blockstore.SeedCount
	ok(t, s.SeedCounts(ctx, func(c blockstore.SeedCount) error {
		if c.Ref == b.Ref {
			seed = append(seed, c)
		}
		return nil
	}))
	slices.SortFunc(seed, func(a, b blockstore.SeedCount) int { return strings.Compare(a.Row.Message, b.Row.Message) })
	row := blockstore.SeedRow{OpCode: "Info", EventCode: "29", Computer: "web", Message: "'\t0"}
	want := []blockstore.SeedCount{{Ref: b.Ref, Row: row, Events: 10, Earliest: 0, Latest: 28}}
	row.Message = "'\t1"
	want = append(want, blockstore.SeedCount{Ref: b.Ref, Row: row, Events: 10, Earliest: 1, Latest: 27})
	if !slices.Equal(seed, want) {
		t.Errorf("counted of the seed's rows %v, want %v", seed, want)
	}
	ok(t, s.Forget(ctx, []blockstore.Ref{a.Ref, older.Ref}))
	ok(t, eventually(func() bool {
		rows, err = s.Read(ctx, blockstore.Ask{Blocks: []blockstore.Part{part(a), part(b)}})
		return err == nil && !rows[0].There && rows[1].There
	}))
}

// eventually waits for what the server does in its own time.
func eventually(is func() bool) error {
	for range 1 << 12 {
		if is() {
			return nil
		}
	}
	return errors.New("it does not become so")
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOlderSchema has a database that an older version made be brought up to date, and what
// comes then be counted.
func TestOlderSchema(t *testing.T) {
	address := clickhousetest.Address(t)
	name, r := address[strings.LastIndex(address, "/")+1:], rand.New(rand.NewPCG(1, 2))
	a, b := made(r, 1, 5, 4), made(r, 11, 5, 4)
	ok(t, open(t, address).Put(ctx, []blockstore.Block{a}))
	for _, q := range []string{`DROP TABLE %s.seed_of_record`, `DROP TABLE %s.seed`, `DROP TABLE %s.seed_record`,
		`DROP TABLE %s.schema`, `CREATE TABLE %s.schema (version UInt32) ENGINE = MergeTree ORDER BY version`,
		`INSERT INTO %s.schema (version) SELECT toUInt32(1)`} {
		clickhousetest.Shared().Query(t, fmt.Sprintf(q, name))
	}
	s := open(t, address)
	ok(t, s.Put(ctx, []blockstore.Block{b}))
	counted := map[blockstore.Ref]int64{}
	ok(t, s.SeedCounts(ctx, func(c blockstore.SeedCount) error { counted[c.Ref] += c.Events; return nil }))
	if len(counted) != 1 || counted[b.Ref] != 3 { // of four one is another event's
		t.Errorf("counted %v", counted)
	}
	rows, err := s.Read(ctx, blockstore.Ask{Blocks: []blockstore.Part{part(a)}, Columns: block.All})
	ok(t, err)
	if !sameColumns(&rows[0].Columns, a.Columns) {
		t.Error("what was there before is not what it was")
	}
}

// TestChoosing has all rows come that match, and few of the others.
func TestChoosing(t *testing.T) { overBoth(t, testChoosing) }

func testChoosing(t *testing.T, s *clickhouse.Store) {
	r := rand.New(rand.NewPCG(3, 4))
	b := made(r, 101, 5, 60)
	ok(t, s.Put(ctx, []blockstore.Block{b}))
	c := b.Columns
	text := func(want string) func(int) bool {
		return func(i int) bool {
			_, raw := b.Originals.Record(i)
			return strings.Contains(strings.ToLower(raw), want)
		}
	}
	loose := part(b)
	loose.Loose = true
	for name, is := range map[string]struct {
		ask  blockstore.Ask
		want func(i int) bool
		most int
	}{
		"time": {blockstore.Ask{Timed: true, From: 1_700_000_010, To: 1_700_000_012},
			func(i int) bool { return c.Second[i] >= 1_700_000_010 && c.Second[i] <= 1_700_000_012 }, 4},
		"any time": {blockstore.Ask{Timed: true, From: math.MinInt64 + 1, To: math.MaxInt64},
			func(i int) bool { return c.Second[i] != math.MinInt64 }, 52},
		"host":    {blockstore.Ask{Hosts: []int64{1, 7}}, func(i int) bool { return c.Host[i] == 1 }, 21},
		"no code": {blockstore.Ask{Codes: []int64{math.MinInt64}}, func(i int) bool { return c.Code[i] == math.MinInt64 }, 9},
		"kind": {blockstore.Ask{Codes: []int64{29}, Channels: []int64{0}},
			func(i int) bool { return c.Code[i] == 29 && c.Channel[i] == 0 }, 16},
		"provider": {blockstore.Ask{Providers: []int64{4}},
			func(i int) bool { return c.Provider[i] == 4 || c.Event[i] == 1 }, 30},
		"numbers": {blockstore.Ask{After: 110, UpTo: 120},
			func(i int) bool { return c.Event[i] > 110 && c.Event[i] <= 120 }, 12},
		"text":  {blockstore.Ask{Texts: []string{"word7end", " '"}}, text("word7end '"), 42},
		"loose": {blockstore.Ask{Codes: []int64{1}, Blocks: []blockstore.Part{loose}}, func(int) bool { return true }, 60},
	} {
		if is.ask.Columns = block.EventColumn; is.ask.Blocks == nil {
			is.ask.Blocks = []blockstore.Part{part(b)}
		}
		rows, err := s.Read(ctx, is.ask)
		ok(t, err)
		for i := range c.Event {
			if is.want(i) && rows[0].Columns.Event[i] != c.Event[i] {
				t.Errorf("%s: row %d did not come", name, i)
			}
		}
		if rows[0].Came > is.most {
			t.Errorf("%s: %d rows came", name, rows[0].Came)
		}
	}
}

// TestOwner has one database own the store.
func TestOwner(t *testing.T) { overBoth(t, testOwner) }

func testOwner(t *testing.T, s *clickhouse.Store) {
	for _, want := range []string{"", "first", "second"} {
		if want != "" {
			ok(t, s.Own(ctx, want))
		}
		if owner, err := s.Owner(ctx); err != nil || owner != want {
			t.Errorf("owner %q, %v; want %q", owner, err, want)
		}
	}
}

// TestRefusals has what servers say be told in sentences, with codes that imports know.
func TestRefusals(t *testing.T) {
	for _, is := range []struct {
		status int
		said   string
		code   fault.Code
		says   string
	}{
		{500, "Code: 243, e.displayText() = DB::Exception: Cannot reserve 1.00 MiB, not enough space.", fault.Full, "Free some"},
		{500, "Code: 75. DB::Exception: Cannot write to file, errno: 28, strerror: No space left on device", fault.Full, "full"},
		{500, "Code: 252, e.displayText() = DB::Exception: Too many parts (300).", fault.Busy, "too much to do"},
		{500, "Code: 241. DB::Exception: Memory limit (total) exceeded", fault.Busy, "241"},
		{500, "Code: 193, e.displayText() = DB::Exception: Wrong password for user default", fault.Invalid, "USER"},
		{403, "Code: 516. DB::Exception: default: Authentication failed", fault.Invalid, "PASSWORD"},
		{502, "<html>Bad Gateway</html>", fault.Busy, "does not answer"},
		{500, "Code: 47, e.displayText() = DB::Exception: Unknown identifier", fault.Internal, "Unknown identifier"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, is.said, is.status)
		}))
		_, err := open(t, "clickhouse://"+server.Listener.Addr().String()+"/x").Owner(ctx)
		if fault.CodeOf(err) != is.code || !strings.Contains(err.Error(), is.says) {
			t.Errorf("%q: %v (%v)", is.said, err, fault.CodeOf(err))
		}
		server.Close()
	}
	for _, address := range []string{"", "http://h:1/x", "clickhouse://h/x", "clickhouse://h:1/", "clickhouse://h:1/a-b",
		"clickhouse://u:p@h:1/x", "clickhouse://h:1/x?y=z", "clickhouse://h:1/1x", "clickhouse://h:1,g:1/x",
		"clickhouse://h:1,h:1/x?cluster=c", "clickhouse://h:1,/x?cluster=c", "clickhouse://h:1/x?cluster=c'",
		"clickhouse://h:1,h/x?cluster=c"} {
		if _, err := clickhouse.Open(address, "", ""); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestHanging has nobody wait for a server that hangs longer than they want to, and one
// that comes to itself be asked again.
func TestHanging(t *testing.T) {
	hangs, came := make(chan struct{}), make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case came <- struct{}{}:
		default:
		}
		<-hangs
		http.Error(w, "Code: 202. Too many simultaneous queries", http.StatusInternalServerError)
	}))
	defer server.Close()
	s := open(t, "clickhouse://"+server.Listener.Addr().String()+"/x")
	first := make(chan error)
	ask := func() {
		_, err := s.Owner(ctx)
		first <- err
	}
	go ask()
	<-came
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Owner(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits no longer is told %v", err)
	}
	close(hangs)
	if err := <-first; fault.CodeOf(err) != fault.Busy {
		t.Errorf("who waited is told %v", err)
	}
	go ask()
	if err := <-first; fault.CodeOf(err) != fault.Busy {
		t.Errorf("who asks again is told %v", err)
	}
}

// TestCut cuts connections at every stretch of an INSERT and of an answer: what was not
// acknowledged is an error, and what is put again is there once.
func TestCut(t *testing.T) {
	address := clickhousetest.Address(t)
	c := clickhousetest.NewCutter(t)
	r := rand.New(rand.NewPCG(5, 6))
	b := made(r, 1, 7, 20)
	direct := open(t, address)
	ok(t, direct.Own(ctx, "me"))
	far := c.Address(address)
	for cut := int64(50); cut < 4500; cut += 497 {
		c.Cut(cut, math.MaxInt64)
		s := open(t, far)
		b.At++
		if err := s.Put(ctx, []blockstore.Block{b}); fault.CodeOf(err) != fault.Busy {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	c.Cut(math.MaxInt64, math.MaxInt64)
	ok(t, open(t, far).Put(ctx, []blockstore.Block{b}))
	ask := blockstore.Ask{Blocks: []blockstore.Part{part(b)}, Columns: block.All, Originals: true}
	for cut := int64(10); cut < 4000; cut += 397 {
		c.Cut(math.MaxInt64, cut)
		if _, err := open(t, far).Read(ctx, ask); fault.CodeOf(err) != fault.Busy {
			t.Fatalf("an answer cut at %d: %v", cut, err)
		}
	}
	rows, err := direct.Read(ctx, ask)
	ok(t, err)
	if !sameColumns(&rows[0].Columns, b.Columns) {
		t.Errorf("what was put again is %v", rows[0].Columns)
	}
}
