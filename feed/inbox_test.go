package feed_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/feed"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// inbox is one in memory.
type inbox struct {
	mu    sync.Mutex
	list  []intake.Arrival
	files map[string][][]byte
	down  error
}

func (b *inbox) Post(_ context.Context, list []intake.Arrival) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down == nil {
		b.list = append(b.list, list...)
	}
	return b.down
}

func (b *inbox) Arrivals(_ context.Context, after intake.Mark, _ int64) (out []intake.Arrival, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.list {
		if a.Seq > after[a.Stream] {
			out = append(out, a)
		}
	}
	return out, b.down
}

func (b *inbox) PostPiece(_ context.Context, file string, part int64, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if int64(len(b.files[file])) != part {
		return errors.New("a part is missing")
	}
	b.files[file] = append(b.files[file], slices.Clone(data))
	return nil
}

func (b *inbox) Piece(_ context.Context, file string, part int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if part < int64(len(b.files[file])) {
		return b.files[file][part], nil
	}
	return nil, nil
}

func (b *inbox) ForgetFile(_ context.Context, file string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.files, file)
	return nil
}

func (b *inbox) Clear(context.Context, intake.Mark) error { return nil }

func (b *inbox) Waiting(ctx context.Context, after intake.Mark) (intake.Waiting, error) {
	list, err := b.Arrivals(ctx, after, 0)
	return intake.Waiting{Deliveries: int64(len(list))}, err
}

// marks is a database that may take, and that forgets to note what it took.
type marks struct {
	*db.DB
	forgets bool
	noted   chan intake.Mark
}

func (m marks) MayTake(context.Context) error { return nil }

func (m marks) MarkInbox(ctx context.Context, mark intake.Mark) (err error) {
	defer func() { m.noted <- mark }()
	if m.forgets {
		return errors.New("it crashed")
	}
	return m.DB.MarkInbox(ctx, mark)
}

// ingesting is a server that puts what comes into an inbox.
func ingesting(t *testing.T, s *site, to *inbox) {
	none := detection.NewRules(nil)
	im := importer.New(nil, func() *detection.Rules { return none }, nil)
	f := importer.NewFeeder(im, importer.NewPoster(to, 2), slog.New(slog.DiscardHandler))
	t.Cleanup(f.Close)
	s.Take, s.Server.Rates = f, f.Rates
}

// follow takes what an inbox holds once; forgets: and crashes before that is noted.
func follow(t *testing.T, s *site, from *inbox, forgets bool) {
	t.Helper()
	m := marks{s.Store, forgets, make(chan intake.Mark)}
	f := &importer.Follower{Inbox: from, Store: m, Feeder: s.Feeder, File: feed.Importing(s.Spool, s.Queue),
		Log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(ctx) })
	<-m.noted
	stop()
	wg.Wait()
}

// TestInbox: what ingesters answer is what the console would answer; what they took is
// in findings when it was taken from the inbox, once, however often it is taken and
// however it is sent again.
func TestInbox(t *testing.T) {
	s, box := start(t), &inbox{}
	ingesting(t, s, box)
	text := "05/04/2026 03:02:01 AM\nLogName=Application\nEventCode=2280\nEventType=2\nComputerName=web01.corp.example\n" +
		"SourceName=Microsoft-Windows-IIS-W3SVC-WP\nMessage=The Module DLL C:\\x.dll failed to load.\n"
	if status, _ := s.send("POST", "/services/collector/raw", text); status != 200 {
		t.Fatal(status)
	}
	for range 2 { // the second time because the answer was lost
		if status, answer := s.send("POST", "/services/collector/event", hec(planted())); status != 200 {
			t.Fatal(status, answer)
		}
	}
	_, answer := s.send("POST", "/_bulk", `{"create":{"_index":"w"}}`+"\n"+`{"no":"event"}`+"\n", "Content-Type",
		"application/x-ndjson")
	if !strings.Contains(answer, `"errors":true`) || !strings.Contains(answer, `"status":400`) {
		t.Error(answer)
	}
	if status, _ := s.send("POST", "/services/collector/raw", "nothing that is read"); status != 400 {
		t.Error(status)
	}
	if n := s.events(); n != 0 || len(box.list) == 0 {
		t.Fatalf("%d events before anything was taken; %d arrivals", n, len(box.list))
	}
	follow(t, s, box, true)
	want := s.events()
	if want != int64(len(planted()))+1 || s.findings() == 0 {
		t.Fatalf("%d events, %d findings", want, s.findings())
	}
	state := s.feeds()[intake.Feed{Name: "farm", Kind: intake.FeedHEC}]
	if state.Deliveries != 3 || state.Repeated != 1 {
		t.Errorf("%+v", state)
	}
	// The console that crashed before it noted what it took comes back after all digests
	// were forgotten.
	raw(t, s.Store.Path(), `DELETE FROM feed_sent`)
	follow(t, s, box, false)
	if n := s.events(); n != want {
		t.Errorf("%d events, %d before they were taken again", n, want)
	}
	if mark, err := s.Store.InboxMark(t.Context()); err != nil || len(mark) != 1 {
		t.Errorf("%v, %v", mark, err)
	}
	if list, err := box.Arrivals(t.Context(), must(s.Store.InboxMark(t.Context())), 0); len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if bad := check(t, s); len(bad) > 0 {
		t.Error(bad)
	}
	box.down = intake.ErrBusy
	if status, answer := s.send("POST", "/services/collector/event", hec(bulk(3))); status != 503 {
		t.Error(status, answer)
	}
}

// raw does something to a database behind its back.
func raw(t *testing.T, path, query string) {
	t.Helper()
	d, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = d.Exec(query)
	}
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}

// ended waits until nothing is imported.
func (s *site) ended() *site {
	s.t.Helper()
	for range 1000 {
		if !slices.ContainsFunc(s.imports(), func(i intake.Import) bool {
			return i.Status != intake.Feeding && !i.Status.Ended()
		}) {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("an import does not end")
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestInboxUnreadable: what the console cannot read is kept as rejected, and holds up
// nothing.
func TestInboxUnreadable(t *testing.T) {
	s := start(t)
	records := bulk(5)
	var good []byte
	for i := range records {
		good = append(logwriter.AppendNXLog(good, &records[i], nil), '\n')
	}
	of := intake.Feed{Name: "x", Kind: intake.FeedHEC}
	box := &inbox{list: []intake.Arrival{
		{Sent: intake.Sent{Feed: of, Data: []byte("no log at all")}, Place: intake.Place{Stream: "s", Seq: 1}},
		{Sent: intake.Sent{Feed: of, Data: []byte("x"), Format: "of a newer one"}, Place: intake.Place{Stream: "s", Seq: 2}},
		{Sent: intake.Sent{Feed: of, Data: good, Format: sniff.NXLogJSON}, Place: intake.Place{Stream: "s", Seq: 3}},
	}}
	for i := range box.list {
		box.list[i].Came = planted()[0].Time
	}
	follow(t, s, box, false)
	list := s.imports()
	if n := s.events(); n != 5 || len(list) != 1 || list[0].Rejected != 2 {
		t.Errorf("%d events, %+v", n, list)
	}
	var said []string
	for r, err := range s.Store.AllRejections(t.Context(), list[0].ID) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, r.Reason)
	}
	if len(slices.Compact(said)) != 2 || cmp.Or(said...) == "" {
		t.Error(said)
	}
	if bad := check(t, s); len(bad) > 0 {
		t.Error(bad)
	}
}

// TestInboxFile: a file of an ingester's folder becomes an import like one of the
// console's, piece by piece; one of which a piece is missing is told and holds up nothing.
func TestInboxFile(t *testing.T) {
	s, box := start(t), &inbox{files: map[string][][]byte{}}
	var log []byte
	for r := range logwriter.Bulk(12_000, 3) { // more than a piece
		log = append(logwriter.AppendNXLog(log, r, nil), '\n')
	}
	post := importer.NewPoster(box, 10)
	keep := feed.Posting(post, "web07", "/logs")
	at := planted()[0].Time
	put := func(name string, data []byte) {
		t.Helper()
		if err := keep(t.Context(), bytes.NewReader(data), int64(len(data)), intake.Import{Name: name,
			Modified: at}); err != nil {
			t.Fatal(err)
		}
	}
	put("a/big.json", log)
	if err := keep(t.Context(), bytes.NewReader(log), 5, intake.Import{}); err == nil {
		t.Error("a file that grew meanwhile was put")
	}
	for id := range box.files { // of what was put half
		if n := len(box.list); n != 1 || !strings.Contains(string(box.list[0].Data), id) {
			delete(box.files, id)
		}
	}
	if len(box.files) != 1 {
		t.Fatalf("%d files", len(box.files))
	}
	follow(t, s, box, true)
	before := maps.Clone(box.files)
	put("lost.json", log)
	box.files = before
	follow(t, s, box, false)
	var names []string
	for _, i := range s.imports() {
		names = append(names, i.Name)
		if i.Name == "a/big.json" && (i.Source != intake.Watched || !i.Modified.Equal(at) || i.Size != int64(len(log))) {
			t.Errorf("%+v", i)
		}
	}
	if n := s.ended().events(); n != 12_000 || !slices.Contains(names, "a/big.json") {
		t.Errorf("%d events, imports %q", n, names)
	}
	state := s.feeds()[intake.Feed{Name: "web07:/logs", Kind: intake.FeedFolder}]
	if state.Refused != 1 || !strings.Contains(state.Refusal, "lost.json") {
		t.Errorf("%+v", state)
	}
}

// TestInboxAway: while the inbox does not answer it is told why nothing comes.
func TestInboxAway(t *testing.T) {
	s, box := start(t), &inbox{down: errors.New("away")}
	f := &importer.Follower{Inbox: box, Store: marks{DB: s.Store}, Feeder: s.Feeder, Log: s.Server.Log}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); f.Run(ctx) }()
	for f.State().Problem == "" {
		select {
		case <-done:
			t.Fatal("it ended")
		default:
		}
	}
	stop()
	<-done
	if said := f.State().Problem; said == "" {
		t.Error(said)
	}
}
