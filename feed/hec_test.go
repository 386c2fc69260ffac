package feed_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/intake"
)

const channel = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"

// TestHEC: what forwarders send is stored before they are told so, and each mistake has
// Splunk's own answer.
func TestHEC(t *testing.T) {
	s := start(t)
	good := hec(planted())
	n := int64(len(planted()))
	const event = "/services/collector/event"
	for _, c := range []struct {
		name, path, body string
		headers          []string
		status           int
		answer           string
		events           int64 // stored after it
	}{
		{"health", "GET /services/collector/health", "", nil, 200, `{"text":"HEC is healthy","code":17}`, 0},
		{"no token", event, good, []string{"Authorization", ""}, 401, `{"text":"Token is required","code":2}`, 0},
		{"a token in the address", event + "?token=" + secret, good, []string{"Authorization", ""}, 400,
			`{"text":"Query string authorization is not enabled","code":16}`, 0},
		{"another scheme", event, good, []string{"Authorization", "Digest x"}, 401,
			`{"text":"Invalid authorization","code":3}`, 0},
		{"a wrong token", event, good, []string{"Authorization", "Splunk " + secret + "x"}, 403,
			`{"text":"Invalid token","code":4}`, 0},
		{"nothing", event, " \n", nil, 400, `{"text":"No data","code":5}`, 0},
		{"no JSON", event, "hello", nil, 400, `{"text":"Invalid data format","code":6,"invalid-event-number":0}`, 0},
		{"no event", event, `{"time":1}`, nil, 400,
			`{"text":"Event field is required","code":12,"invalid-event-number":0}`, 0},
		{"a blank event", event, `{"event":""}`, nil, 400,
			`{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`, 0},
		{"a channel that is none", event, good, []string{"X-Splunk-Request-Channel", "x"}, 400,
			`{"text":"Invalid data channel","code":11}`, 0},
		{"not packed as it says", event, good, []string{"Content-Encoding", "gzip"}, 400,
			`{"text":"Invalid data format","code":6}`, 0},
		{"events", event, good, nil, 200, `{"text":"Success","code":0}`, n},
		{"the same once more", event, good, nil, 200, `{"text":"Success","code":0}`, n},
		{"the same in a list", event, "[" + strings.ReplaceAll(good, "}{", "},\n{") + "]", nil, 200,
			`{"text":"Success","code":0}`, n},
		{"with a channel", "/services/collector", good, []string{"X-Splunk-Request-Channel", channel}, 200,
			`{"text":"Success","code":0,"ackId":0}`, n},
		{"acknowledged", "/services/collector/ack?channel=" + channel, `{"acks":[0,1]}`, nil, 200,
			`{"acks":{"0":true,"1":false}}`, n},
		{"acknowledged to nobody", "/services/collector/ack", `{"acks":[0]}`, nil, 400,
			`{"text":"Data channel is missing","code":10}`, n},
		{"those before a bad one", event, hec(bulk(3)) + `{"event":"` + "\n" + `x"}`, nil, 400,
			`{"text":"Invalid data format","code":6,"invalid-event-number":3}`, n + 3},
		{"raw", "/services/collector/raw", string(logwriter.AppendXML(nil, &bulk(4)[3], false)), nil, 200,
			`{"text":"Success","code":0}`, n + 4},
		{"a picture as raw", "/services/collector/raw", "\x89PNG\r\n\x1a\n0000", nil, 400, "", n + 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			method, path := "POST", c.path
			if m, p, ok := strings.Cut(path, " "); ok {
				method, path = m, p
			}
			status, answer := s.send(method, path, c.body, c.headers...)
			if status != c.status || c.answer != "" && answer != c.answer {
				t.Errorf("%d %s, want %d %s", status, answer, c.status, c.answer)
			}
			if got := s.events(); got != c.events {
				t.Errorf("%d events are stored, want %d", got, c.events)
			}
		})
	}
	if s.findings() == 0 {
		t.Error("the planted module is in no finding")
	}
	list := s.imports()
	if len(list) != 1 || list[0].Source != intake.Live || list[0].Status != intake.Feeding || list[0].Zone != "UTC" {
		t.Errorf("a source has one import a day: %+v", list)
	}
	f := s.feeds()[intake.Feed{Name: "farm", Kind: intake.FeedHEC}]
	if f.New != n+4 || f.Repeated == 0 || f.Refused == 0 || f.Refusal == "" || !f.Live || f.Newest.IsZero() || !f.HasLag {
		t.Errorf("the feed's state: %+v", f)
	}
	if f := s.feeds()[intake.Feed{Name: "(no token)", Kind: intake.FeedHEC}]; f.Refused < 3 {
		t.Errorf("who has no token is counted: %+v", f)
	}
}

// TestHECPacked: a body is unpacked as its header says, and no further than it may be.
func TestHECPacked(t *testing.T) {
	s := start(t)
	pack := func(data []byte) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if status, a := s.send("POST", "/services/collector", pack([]byte(hec(planted()))), "Content-Encoding",
		"gzip"); status != 200 || s.events() != int64(len(planted())) {
		t.Errorf("%d %s, %d events", status, a, s.events())
	}
	bomb := append([]byte(`{"event":"`), bytes.Repeat([]byte("a"), 64<<20)...)
	if status, a := s.send("POST", "/services/collector", pack(bomb), "Content-Encoding", "gzip"); status != 413 {
		t.Errorf("a bomb: %d %s", status, a)
	}
	if status, a := s.send("POST", "/services/collector", "x", "Content-Encoding", "br"); status != 415 {
		t.Errorf("brotli: %d %s", status, a)
	}
	if status, a := s.send("POST", "/services/collector/raw", pack([]byte(hec(planted())))); status != 400 ||
		!strings.Contains(a, "compressed") {
		t.Errorf("packed without saying so: %d %s", status, a)
	}
}

// TestRejected: what is no event is told to nobody's harm, kept, and can be looked at.
func TestRejected(t *testing.T) {
	s := start(t)
	body := `{"event":"hello","time":1}` + hec(planted()[:1]) + `{"event":{"a":1}}`
	if status, a := s.send("POST", "/services/collector", body); status != 200 {
		t.Fatal(status, a)
	}
	list := s.imports()
	if len(list) != 1 || list[0].Rejected != 2 || list[0].Read != 1 || list[0].Bytes != int64(len(body)) {
		t.Fatalf("%+v", list)
	}
	rejections, err := s.Store.Rejections(t.Context(), list[0].ID)
	if err != nil || len(rejections) != 2 || rejections[0].Offset != 0 ||
		rejections[1].Offset != int64(strings.LastIndex(body, `{"event"`)) {
		t.Fatalf("%+v %v", rejections, err)
	}
	for n, want := range []string{`{"event":"hello","time":1}`, `{"event":{"a":1}}`} {
		var b bytes.Buffer
		if _, err := s.Store.WriteRejected(t.Context(), &b, list[0].ID, int64(n)); err != nil || b.String() != want {
			t.Errorf("rejection %d: %q %v", n, b.String(), err)
		}
	}
}

// TestOffsets: an event of a later request can be opened where it stands in its import.
func TestOffsets(t *testing.T) {
	s := start(t)
	for i := range planted() {
		if status, a := s.send("POST", "/services/collector", hec(planted()[i:i+1])); status != 200 {
			t.Fatal(status, a)
		}
	}
	list := s.imports()
	if len(list) != 1 || list[0].New != int64(len(planted())) || list[0].Bytes != int64(len(hec(planted()))) {
		t.Fatalf("%+v", list)
	}
	for _, damage := range check(t, s) {
		t.Error(damage)
	}
}

// TestFileAndFeed: the same event by a file and by a feed counts once, with or without
// a record number.
func TestFileAndFeed(t *testing.T) {
	s := start(t)
	records := bulk(50)
	var file []byte
	for i := range records {
		if i%5 == 0 {
			records[i].RecordNumber = 0
		}
		file = append(logwriter.AppendNXLog(file, &records[i], nil), '\n')
	}
	var sent []byte
	for _, line := range bytes.Split(bytes.TrimSpace(file), []byte("\n")) {
		b, err := json.Marshal(map[string]any{"event": json.RawMessage(line), "host": "x", "sourcetype": "nxlog"})
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, b...)
	}
	s.file("nxlog.json", file)
	before := s.events()
	if status, a := s.send("POST", "/services/collector/raw", string(file)); status != 200 || s.events() != before {
		t.Errorf("raw: %d %s; %d events, %d before", status, a, s.events(), before)
	}
	if status, a := s.send("POST", "/services/collector", string(sent)); status != 200 {
		t.Errorf("%d %s", status, a)
	}
	// those without a number are other bytes in an envelope: they count by themselves
	if got := s.events(); got != before+10 {
		t.Errorf("%d events, %d before", got, before)
	}
	fmt.Fprintln(s.Log) // nothing else was said
	if s.Log.String() != "\n" {
		t.Error(s.Log)
	}
}
