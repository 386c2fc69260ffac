package feed_test

import (
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logs "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"escutcheon/demo/logwriter"
	"escutcheon/intake"
)

// exported is a request of the collector's, and one record more that is no event.
func exported(t testing.TB, records []logwriter.Record) *collector.ExportLogsServiceRequest {
	t.Helper()
	r := &collector.ExportLogsServiceRequest{}
	if err := protojson.Unmarshal(logwriter.AppendOTLP(nil, records), r); err != nil {
		t.Fatal(err)
	}
	scope := r.ResourceLogs[0].ScopeLogs[0]
	scope.LogRecords = append(scope.LogRecords, &logs.LogRecord{Body: &common.AnyValue{
		Value: &common.AnyValue_StringValue{StringValue: "hello"}}})
	return r
}

// TestOTLP: both forms give the same events; what is none is told as the protocol has it.
func TestOTLP(t *testing.T) {
	s := start(t)
	r := exported(t, planted())
	n := int64(len(planted()))
	bin, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	status, text := s.send("POST", "/v1/logs", string(bin), "Content-Type", "application/x-protobuf")
	var a collector.ExportLogsServiceResponse
	if err := proto.Unmarshal([]byte(text), &a); err != nil || status != 200 ||
		a.GetPartialSuccess().GetRejectedLogRecords() != 1 || a.GetPartialSuccess().GetErrorMessage() == "" {
		t.Errorf("%d %q %v", status, text, err)
	}
	if s.events() != n || s.findings() == 0 {
		t.Errorf("%d events, %d findings", s.events(), s.findings())
	}
	j, err := protojson.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	status, text = s.send("POST", "/v1/logs", string(j), "Content-Type", "application/json; charset=utf-8")
	if status != 200 || !strings.Contains(text, "rejectedLogRecords") || s.events() != n {
		t.Errorf("%d %s, %d events", status, text, s.events())
	}
	status, text = s.send("POST", "/v1/logs", "{}", "Content-Type", "application/json")
	if status != 200 || text != "{}" {
		t.Errorf("nothing: %d %s", status, text)
	}
	for _, c := range []struct {
		form, body string
		status     int
	}{{"text/plain", "x", 415}, {"application/json", "x", 400}, {"application/x-protobuf", "x", 400},
		{"application/json", strings.Repeat(`{"resourceLogs":[`, 9), 400}} {
		if status, text := s.send("POST", "/v1/logs", c.body, "Content-Type", c.form); status != c.status || text == "" {
			t.Errorf("%s %q: %d %q", c.form, c.body, status, text)
		}
	}
	if status, _ := s.send("POST", "/v1/logs", string(j), "Authorization", "Bearer x", "Content-Type",
		"application/json"); status != 401 {
		t.Errorf("a wrong token: %d", status)
	}
	f := s.feeds()[intake.Feed{Name: "farm", Kind: intake.FeedOTLP}]
	if f.New != n || f.Rejected != 2 || f.Refused < 6 {
		t.Errorf("%+v", f)
	}
}
