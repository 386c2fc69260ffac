package clickhouse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/intake"
)

// arrivals are so many of a stream that are put together.
func arrivals(stream string, seq int64, n int) (out []intake.Arrival) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for i := range n {
		out = append(out, intake.Arrival{Came: time.Unix(1_800_000_000, int64(i)).UTC(),
			Place: intake.Place{Stream: stream, Seq: seq, N: int64(i)},
			Sent: intake.Sent{Feed: intake.Feed{Name: "farm ' \\ \n", Kind: intake.FeedHEC}, Format: "f", Zone: "Europe/Berlin",
				Computer: "c\t", Digest: [32]byte{1, byte(i)},
				Data: append(fmt.Appendf(nil, "%s %d %d", stream, seq, i), every...)}})
	}
	return out
}

// places are those of arrivals, in their order.
func places(list []intake.Arrival) string {
	var out []string
	for _, a := range list {
		out = append(out, fmt.Sprintf("%s%d.%d", a.Stream, a.Seq, a.N))
	}
	return strings.Join(out, " ")
}

// TestInbox: what is put comes once, whole and in its order, behind a mark; what is being
// put is waited for; what was taken is removed when its hour is over, and nothing else.
func TestInbox(t *testing.T) {
	t.Run("one server", func(t *testing.T) {
		address := clickhousetest.Address(t)
		inboxOf(t, address, clickhousetest.Shared(), address[strings.LastIndex(address, "/")+1:]+".inbox", "")
	})
	t.Run("shards", func(t *testing.T) {
		address := clickhousetest.ShardsAddress(t)
		database, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], "?")
		inboxOf(t, address, clickhousetest.SharedShards()[0], database+".inbox", "_all")
	})
}

func inboxOf(t *testing.T, address string, server *clickhousetest.Server, table, all string) {
	s := open(t, address)
	post := func(list []intake.Arrival) {
		t.Helper()
		if err := s.Post(ctx, list); err != nil {
			t.Fatal(err)
		}
	}
	get := func(after intake.Mark, most int64) []intake.Arrival {
		t.Helper()
		list, err := s.Arrivals(ctx, after, most)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	post(arrivals("b", 1, 2))
	post(arrivals("a", 1, 1))
	post(arrivals("b", 2, 1))
	post(arrivals("b", 2, 1)) // as a proxy may repeat it
	list := get(nil, 1<<20)
	if got := places(list); got != "b1.0 b1.1 a1.0 b2.0" {
		t.Fatal(got)
	}
	for i, want := range slices.Concat(arrivals("b", 1, 2), arrivals("a", 1, 1), arrivals("b", 2, 1)) {
		if fmt.Sprintf("%+v", list[i]) != fmt.Sprintf("%+v", want) {
			t.Errorf("came %+v\nwas put %+v", list[i], want)
		}
	}
	if got := places(get(nil, 1)); got != "b1.0 b1.1" {
		t.Errorf("of one byte %s", got)
	}
	if got := places(get(intake.Mark{"b": 1, "a": 1}, 1<<20)); got != "b2.0" {
		t.Error(got)
	}
	if w, err := s.Waiting(ctx, intake.Mark{"b": 1}); err != nil || w.Deliveries < 2 ||
		w.Bytes < 500 || w.Oldest.IsZero() {
		t.Errorf("%+v, %v", w, err)
	}
	// One of three rows, put now, and an hour ago.
	insert := func(stream string, seq, at, hour int64) {
		server.Query(t, fmt.Sprintf(`INSERT INTO %s (stream, seq, n, of, at, hour, data) SELECT '%s', %d, 0, 3, %d, %d, 'x'`,
			table, stream, seq, at, hour))
	}
	now := time.Now()
	hour := now.Unix() / 3600
	insert("c", 1, now.UnixNano(), hour)
	insert("d", 1, now.Add(-2*time.Hour).UnixNano(), hour)
	mark := intake.Mark{"a": 1, "b": 2}
	if got := places(get(mark, 1<<20)); got != "d1.0" {
		t.Errorf("of what is half there came %s", got)
	}
	insert("c", 2, now.UnixNano()+1, hour) // so the first was concluded
	if got := places(get(mark, 1<<20)); got != "d1.0 c1.0" {
		t.Errorf("of what is half there came %s", got)
	}
	insert("e", 1, 1, hour-5)
	insert("f", 1, 1, hour-5)
	insert("e", 2, 2, hour-6)
	for _, c := range []struct {
		mark  intake.Mark
		hours string
	}{
		{intake.Mark{"a": 9, "b": 9, "c": 9, "d": 9, "e": 1}, fmt.Sprintf("%d\n%d\n%d", hour-6, hour-5, hour)},
		{intake.Mark{"e": 2}, fmt.Sprintf("%d\n%d", hour-5, hour)},
		{intake.Mark{"a": 9, "b": 9, "c": 9, "d": 9, "e": 2, "f": 1}, fmt.Sprint(hour)},
	} {
		if err := s.Clear(ctx, c.mark); err != nil {
			t.Fatal(err)
		}
		if got := server.Query(t, `SELECT DISTINCT hour FROM `+table+all+` ORDER BY hour`); got != c.hours &&
			time.Now().Unix()/3600 == hour {
			t.Errorf("after %v: %s", c.mark, got)
		}
	}
}

// TestReports: the last that an ingester said counts.
func TestReports(t *testing.T) {
	s := open(t, clickhousetest.Address(t))
	for _, text := range []string{"first", `{"x": "'\\"}`} {
		if err := s.Report(ctx, "a", text); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Reports(ctx)
	if err != nil || len(list) != 1 || list[0].Report != `{"x": "'\\"}` || list[0].Ago < 0 || list[0].Ago > time.Hour {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.Clear(ctx, nil); err != nil {
		t.Error(err)
	}
}

// TestInboxFiles: pieces of files come as they were put, until they are forgotten, or are
// old; files that were taken are known by their size and time.
func TestInboxFiles(t *testing.T) {
	address := clickhousetest.Address(t)
	s, server := open(t, address), clickhousetest.Shared()
	data := []byte("\x00\xff'\\ piece")
	piece := func(part int64) string {
		t.Helper()
		b, err := s.Piece(ctx, "f", part)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for part := range int64(2) {
		if err := s.PostPiece(ctx, "f", part, data); err != nil {
			t.Fatal(err)
		}
	}
	table := address[strings.LastIndex(address, "/")+1:] + ".inbox_file"
	server.Query(t, `INSERT INTO `+table+` (file, part, day, data) SELECT 'f', 7, toDate(now()) - 8, 'old'`)
	if piece(1) != string(data) || piece(2) != "" || piece(7) != "old" {
		t.Error("pieces are not as they were put")
	}
	if err := s.Clear(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if piece(1) != string(data) || piece(7) != "" {
		t.Error("what is old was to be removed, and nothing else")
	}
	if err := s.ForgetFile(ctx, "f"); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if piece(1) == "" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if piece(0)+piece(1) != "" {
		t.Error("a file is not forgotten")
	}
	at := time.Unix(5, 7)
	if err := s.Watch(ctx, "a'b", 3, at); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		size int64
		at   time.Time
		want bool
	}{{3, at, true}, {4, at, false}, {3, at.Add(1), false}} {
		if got, err := s.Watched(ctx, "a'b", c.size, c.at); err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}
