package logwriter_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
)

// TestShapesAreJSON writes texts that JSON must escape in every shape, and
// finds them again.
func TestShapesAreJSON(t *testing.T) {
	type writer = func([]byte, *logwriter.Record) []byte
	for name, write := range map[string]writer{
		"evtx_dump": func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendEvtxDump(b, r, false) },
		"separate":  func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendEvtxDump(b, r, true) },
		"chainsaw":  logwriter.AppendChainsaw,
		"aggregate": func(b []byte, r *logwriter.Record) []byte {
			return logwriter.AppendChainsawAggregate(b, []logwriter.Record{*r, *r})
		},
		"dumpevtx":   logwriter.AppendDumpEvtx,
		"evtxecmd":   func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendEvtxECmd(b, r, true) },
		"winevent 5": func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendWinEvent(b, r, true) },
		"winevent 7": func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendWinEvent(b, r, false) },
		"fluent bit": func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendFluentBit(b, r, time.UTC) },
		"otel":       logwriter.AppendOTel,
		"otlp": func(b []byte, r *logwriter.Record) []byte {
			return logwriter.AppendOTLP(b,
				[]logwriter.Record{*r, *r})
		},
		"logmonitor": logwriter.AppendLogMonitor,
		"azure":      logwriter.AppendAzure,
		"analytics":  logwriter.AppendLogAnalytics,
		"splunk":     func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendSplunk(b, r, r.Message, nil) },
		"hec":        func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendHEC(b, r, r.Message) },
		"hec object": func(b []byte, r *logwriter.Record) []byte {
			return logwriter.AppendHEC(b, r, json.RawMessage(`{"a":1}`))
		},
		"beat 6": logwriter.AppendWinlogbeat6,
		"wazuh":  logwriter.AppendWazuh,
	} {
		for _, s := range append(slices.Clone(hostile), "\x00\x01\x1f\x7f") {
			r := hostileRecord(s)
			r.Data = append(r.Data, event.Field{Name: "", Value: s})
			out := write([]byte("before "), &r)
			var got any
			if err := json.Unmarshal(bytes.TrimPrefix(out, []byte("before ")), &got); err != nil {
				t.Errorf("%s, %q: %v\n%s", name, s, err, out)
			}
		}
		var bare logwriter.Record
		bare.Opcode = logwriter.NoOpcode
		if out := write(nil, &bare); !json.Valid(out) {
			t.Errorf("%s without anything: %s", name, out)
		}
	}
}
