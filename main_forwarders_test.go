package main_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdk "go.opentelemetry.io/otel/sdk/log"

	"escutcheon/demo/logwriter"
)

// forwarder sends records until they are acknowledged, sooner or later.
type forwarder struct {
	name string
	send func(list []logwriter.Record)
}

// forwarders are what can be had here: OpenTelemetry's exporter, rsyslog where it is
// installed, and requests as the Universal Forwarder makes them.
func forwarders(t *testing.T, at string) []forwarder {
	return []forwarder{
		{"HTTP Event Collector", func(list []logwriter.Record) { send(at, feedForms[0], list) }},
		rsyslog(t, at),
		openTelemetry(t, at),
	}
}

// openTelemetry is the exporter of OpenTelemetry, with a queue that holds on to what
// was refused, as the collector's does.
func openTelemetry(t *testing.T, at string) forwarder {
	out, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL("http://"+at+"/v1/logs"),
		otlploghttp.WithHeaders(map[string]string{"Authorization": "Bearer " + feedSecret}),
		otlploghttp.WithCompression(otlploghttp.GzipCompression))
	if err != nil {
		t.Fatal(err)
	}
	queue := &exporting{out: out}
	logger := sdk.NewLoggerProvider(sdk.WithProcessor(queue)).Logger("windowseventlog")
	return forwarder{"OpenTelemetry", func(list []logwriter.Record) {
		for i := range list {
			var record log.Record
			record.SetTimestamp(list[i].Time)
			record.SetBody(attribute.StringValue(string(logwriter.AppendXML(nil, &list[i], true))))
			logger.Emit(context.Background(), record)
		}
		_ = queue.ForceFlush(context.Background()) // it tries until it has done it
	}}
}

// exporting is a processor that exports what it has when it is asked to.
type exporting struct {
	out  sdk.Exporter
	list []sdk.Record
}

func (e *exporting) Enabled(context.Context, sdk.EnabledParameters) bool { return true }

func (e *exporting) OnEmit(_ context.Context, r *sdk.Record) error {
	e.list = append(e.list, r.Clone())
	return nil
}

func (e *exporting) ForceFlush(ctx context.Context) error {
	for e.out.Export(ctx, e.list) != nil {
		time.Sleep(20 * time.Millisecond)
	}
	e.list = e.list[:0]
	return nil
}

func (e *exporting) Shutdown(ctx context.Context) error { return e.out.Shutdown(ctx) }

// rsyslog is a daemon that reads a file and sends it as Elasticsearch's bulk; requests
// of that form where there is none.
func rsyslog(t *testing.T, at string) forwarder {
	daemon, err := exec.LookPath("rsyslogd")
	if err != nil {
		daemon = "/usr/sbin/rsyslogd" // which is not on everybody's path
	}
	if _, err := os.Stat(daemon); err != nil {
		if os.Getenv("ESCUTCHEON_FORWARDERS") == "required" {
			t.Fatal("there is no rsyslogd")
		}
		t.Log("there is no rsyslogd (on Debian: apt-get install rsyslog rsyslog-elasticsearch); its requests are made here")
		return forwarder{"bulk", func(list []logwriter.Record) { send(at, feedForms[1], list) }}
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "events.json")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(at)
	conf := write(t, "rsyslog.conf", fmt.Appendf(nil, `module(load="imfile")
module(load="omelasticsearch")
global(workDirectory=%q maxMessageSize="256k")
template(name="raw" type="string" string="%%rawmsg%%")
input(type="imfile" File=%q Tag="events" ruleset="send")
ruleset(name="send" queue.type="LinkedList" queue.size="100000") {
  action(type="omelasticsearch" server=%q serverport=%q uid="feed" pwd=%q template="raw" searchIndex="win"
    searchType="" bulkmode="on" action.resumeRetryCount="-1" action.resumeInterval="1")
}
`, dir, name, host, port, feedSecret))
	cmd := exec.Command(daemon, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		_ = file.Close()
	})
	return forwarder{"rsyslog", func(list []logwriter.Record) {
		var lines []byte
		for i := range list {
			lines = append(logwriter.AppendNXLog(lines, &list[i], nil), '\n')
		}
		if _, err := file.Write(lines); err != nil {
			t.Error(err)
		}
	}}
}
