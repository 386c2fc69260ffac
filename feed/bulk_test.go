package feed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"

	"context"
)

// documents are records as Winlogbeat sends them: an action before each.
func documents(records []logwriter.Record) string {
	var b []byte
	for i := range records {
		b = append(b, `{"create":{"_index":"winlogbeat-8"}}`+"\n"...)
		b = append(logwriter.AppendWinlogbeat(b, &records[i]), '\n')
	}
	return string(b)
}

type bulkAnswer struct {
	Errors bool
	Items  []map[string]struct {
		Index  string `json:"_index"`
		ID     string `json:"_id"`
		Status int
		Error  *struct{ Type, Reason string }
	}
}

// TestBulk: each document has its own answer.
func TestBulk(t *testing.T) {
	s := start(t)
	key := []string{"Authorization", "ApiKey " + base64.StdEncoding.EncodeToString([]byte("id:"+secret))}
	ask := func(path, body string) (int, string, bulkAnswer) {
		status, text := s.send("POST", path, body, key...)
		var a bulkAnswer
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		return status, text, a
	}
	n := len(planted())
	status, text, a := ask("/_bulk", documents(planted()))
	if status != 200 || a.Errors || len(a.Items) != n || a.Items[0]["create"].Status != 201 ||
		a.Items[0]["create"].Index != "winlogbeat-8" || a.Items[0]["create"].ID == "" {
		t.Errorf("%d %s", status, text)
	}
	if s.events() != int64(n) || s.findings() == 0 {
		t.Errorf("%d events, %d findings", s.events(), s.findings())
	}
	mixed := `{"index":{}}` + "\n" + `{"message":"x"}` + "\n" +
		`{"delete":{"_id":"1"}}` + "\n" +
		documents(bulk(1)) +
		`{"update":{"_id":"2"}}` + "\n" + `{"doc":{}}` + "\n" +
		`{"index":{"_id":"3"}}` + "\n" + `not JSON` + "\n" + documents(bulk(2)[1:])
	status, text, a = ask("/logs/_bulk", mixed)
	if status != 200 || !a.Errors || len(a.Items) != 6 {
		t.Fatalf("%d %s", status, text)
	}
	for i, want := range []struct {
		op     string
		status int
		kind   string
	}{{"index", 400, "document_parsing_exception"}, {"delete", 400, "illegal_argument_exception"}, {"create", 201, ""},
		{"update", 400, "illegal_argument_exception"}, {"index", 400, "document_parsing_exception"}, {"create", 201, ""}} {
		got, ok := a.Items[i][want.op]
		if !ok || got.Status != want.status || (got.Error == nil) != (want.kind == "") ||
			got.Error != nil && (got.Error.Type != want.kind || got.Error.Reason == "") {
			t.Errorf("item %d: %+v, want %+v", i, a.Items[i], want)
		}
	}
	if s.events() != int64(n+2) {
		t.Errorf("%d events, want %d", s.events(), n+2)
	}
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"no index":             {"/_bulk", "{\"index\":{}}\n{}\n", 400, "names no index"},
		"no action":            {"/_bulk", "{\"a\":1}\n{}\n", 400, "line [1]"},
		"no document":          {"/x/_bulk", "{\"index\":{}}\n", 400, "no document"},
		"nothing":              {"/_bulk", "\n", 400, "required"},
		"a search":             {"/_search", "{}", 400, "console"},
		"one document":         {"/x/_doc", strings.SplitN(documents(bulk(3)[2:]), "\n", 2)[1], 201, "created"},
		"one that is no event": {"/x/_doc", "{}", 400, "document_parsing_exception"},
	} {
		if status, text := s.send("POST", c.path, c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := s.ask("POST", "/_bulk", strings.NewReader(documents(planted()))); status != 401 ||
		!strings.Contains(text, "security_exception") {
		t.Errorf("without a token: %d %s", status, text)
	}
}

// TestHandshake: what clients ask before they send is answered.
func TestHandshake(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ method, path, says string }{
		{"GET", "/", `"number":"8.`}, {"HEAD", "/", ""}, {"GET", "/_license", `"status":"active"`},
		{"GET", "/_xpack", `"mode":"basic"`}, {"GET", "/_cluster/health", "green"}, {"GET", "/_nodes/http", "cluster_name"},
		{"PUT", "/_index_template/winlogbeat", "acknowledged"}, {"HEAD", "/_index_template/winlogbeat", ""},
		{"GET", "/_ilm/policy/winlogbeat", "{}"}, {"PUT", "/_ingest/pipeline/x", "acknowledged"},
		{"PUT", "/_data_stream/winlogbeat-8", "acknowledged"}, {"HEAD", "/winlogbeat-8", ""},
		{"GET", "/_logstash/pipeline", "{}"},
	} {
		r, err := http.NewRequest(c.method, s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("elastic", secret)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != 200 || a.Header.Get("X-Elastic-Product") != "Elasticsearch" {
			t.Errorf("%s %s: %d", c.method, c.path, a.StatusCode)
		}
		if _, text := s.send(c.method, c.path, ""); !strings.Contains(text, c.says) {
			t.Errorf("%s %s: %s", c.method, c.path, text)
		}
	}
}

// busy takes nothing.
type busy struct{ err error }

func (b busy) Take(context.Context, intake.Sent) (importer.Taken, error) {
	return importer.Taken{}, b.err
}

// TestBusy: what cannot be stored is said so in each sender's words, so that it is sent
// again.
func TestBusy(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		err        error
		hec, bulk  int
		hecC, otlp int
	}{
		"too much":    {intake.ErrBusy, 503, 429, 9, 503},
		"a full disk": {fault.New(fault.Full, "The disk is full."), 503, 429, 9, 503},
		"our fault":   {errors.New("x"), 500, 500, 8, 500},
	} {
		s.Take = busy{c.err}
		status, text := s.send("POST", "/services/collector", hec(planted()))
		var a struct{ Code int }
		if err := json.Unmarshal([]byte(text), &a); err != nil || status != c.hec || a.Code != c.hecC {
			t.Errorf("%s: HEC says %d %s", name, status, text)
		}
		if status, text := s.send("POST", "/_bulk", documents(planted())); status != c.bulk {
			t.Errorf("%s: bulk says %d %s", name, status, text)
		}
		if status, text := s.send("POST", "/v1/logs", string(logwriter.AppendOTLP(nil, planted())), "Content-Type",
			"application/json"); status != c.otlp {
			t.Errorf("%s: OTLP says %d %s", name, status, text)
		}
	}
	s.Take = s.Feeder
	if s.events() != 0 {
		t.Error("something was stored")
	}
}
