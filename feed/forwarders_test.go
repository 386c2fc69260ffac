package feed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v7"
	"github.com/elastic/go-elasticsearch/v7/esutil"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdk "go.opentelemetry.io/otel/sdk/log"

	"escutcheon/demo/logwriter"
	"escutcheon/intake"
)

// flaky lets every third request through only after it was refused, as a server does
// that has too much to do or is started again.
type flaky struct {
	http.RoundTripper
	n atomic.Int64
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.n.Add(1)%3 == 0 {
		return nil, io.EOF
	}
	return f.RoundTripper.RoundTrip(r)
}

// TestElasticClient: Elastic's own client finds what it takes for a server of theirs,
// and its bulk indexer is told of each document.
func TestElasticClient(t *testing.T) {
	s := start(t)
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{s.URL}, APIKey: secret,
		CompressRequestBody: true, Transport: &flaky{RoundTripper: http.DefaultTransport}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := client.Info(); err != nil || r.IsError() {
		t.Fatal(r, err)
	}
	in, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: "winlogbeat", NumWorkers: 3,
		FlushBytes: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	const n = 300
	add := func(doc string) {
		if err := in.Add(t.Context(), esutil.BulkIndexerItem{Action: "create", Body: strings.NewReader(doc)}); err != nil {
			t.Error(err)
		}
	}
	for _, r := range bulk(n) {
		add(string(logwriter.AppendWinlogbeat(nil, &r)))
	}
	add(`{"message":"no event"}`)
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := in.Stats(); st.NumFailed != 1 || st.NumCreated != n || s.events() != n {
		t.Errorf("%+v, %d events", st, s.events())
	}
}

// TestOpenTelemetryExporter: OpenTelemetry's own exporter sends events as the
// collector's receiver has them, with their XML as body.
func TestOpenTelemetryExporter(t *testing.T) {
	s := start(t)
	out, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(s.URL+"/v1/logs"),
		otlploghttp.WithHeaders(map[string]string{"Authorization": "Bearer " + secret}),
		otlploghttp.WithCompression(otlploghttp.GzipCompression))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdk.NewLoggerProvider(sdk.WithProcessor(sdk.NewBatchProcessor(out, sdk.WithExportMaxBatchSize(50))))
	logger := provider.Logger("windowseventlog")
	const n = 220
	for _, r := range bulk(n) {
		var record log.Record
		record.SetTimestamp(r.Time)
		record.SetBody(attribute.StringValue(string(logwriter.AppendXML(nil, &r, true))))
		logger.Emit(t.Context(), record)
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.events() != n {
		t.Errorf("%d events, want %d: %+v", s.events(), n, s.feeds())
	}
}

// TestRsyslog: rsyslog reads a file of events and sends each by syslog and as
// Elasticsearch's bulk: each counts once.
func TestRsyslog(t *testing.T) {
	daemon, err := exec.LookPath("rsyslogd")
	if err != nil {
		daemon = "/usr/sbin/rsyslogd" // which is not on everybody's path
	}
	if _, err := os.Stat(daemon); err != nil {
		if os.Getenv("ESCUTCHEON_FORWARDERS") == "required" {
			t.Fatal("there is no rsyslogd")
		}
		t.Skip("there is no rsyslogd; on Debian: apt-get install rsyslog rsyslog-elasticsearch")
	}
	s := start(t)
	address, _ := s.syslog(nil, "127.0.0.0/8")
	_, port, _ := strings.Cut(address, ":")
	dir := t.TempDir()
	const n = 400
	var lines []byte
	for _, r := range bulk(n) {
		lines = append(logwriter.AppendNXLog(lines, &r, nil), '\n')
	}
	file := filepath.Join(dir, "events.json")
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	_, feedPort, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	conf := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, `module(load="imfile")
module(load="omelasticsearch")
global(workDirectory=%q maxMessageSize="256k")
template(name="raw" type="string" string="%%rawmsg%%")
input(type="imfile" File=%q Tag="events" ruleset="send")
ruleset(name="send" queue.type="LinkedList") {
  action(type="omfwd" target="127.0.0.1" port=%q protocol="tcp" TCP_Framing="octet-counted"
    template="RSYSLOG_SyslogProtocol23Format")
  action(type="omelasticsearch" server="127.0.0.1" serverport=%q uid="feed" pwd=%q template="raw" searchIndex="win"
    searchType="" bulkmode="on")
}
`, dir, file, port, feedPort, secret), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, daemon, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	cmd.WaitDelay = 10 * time.Second
	said := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Log(said)
		}
	}()
	s.until("both ways", func() bool {
		read := map[string]int64{}
		for _, f := range s.feeds() {
			read[f.Kind] = f.Read
		}
		return read[intake.FeedSyslog] == n && read[intake.FeedBulk] == n
	})
	if s.events() != n {
		t.Errorf("%d events, want %d", s.events(), n)
	}
	for _, damage := range check(t, s) {
		t.Error(damage)
	}
}
