package iislog_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/iislog"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// FuzzLines reads any bytes with each reader: what is given stands where it says,
// nothing overlaps, and what is kept gives the same event again.
func FuzzLines(f *testing.F) {
	at := request().Time
	f.Add(logwriter.AppendW3C(logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, at, logwriter.W3CAllFields), request(),
		logwriter.W3CAllFields))
	f.Add(logwriter.AppendW3C(nil, request(), logwriter.W3CFields))
	f.Add(logwriter.AppendIISNative(nil, request(), time.UTC, "1/2/2006"))
	f.Add(logwriter.AppendNCSA(nil, request(), time.UTC))
	f.Add([]byte("#Date: 2026-02-28\n#Fields: time c-ip sc-status\n23:59:59 ::1  200\n00:00:01 ::1 200\n23:59:58 ::1 \"2 0\"\n" +
		"#Fields: time x\n\x00\x00\x00\x00\x00\x00\x00\x00\x00a\n#Fields: date time cs(User-Agent) c-ip sc-status\n" +
		"2026-01-01\t00:00:00\t\"a b\"\t1.2.3.4\t200\r\n"))
	readers := map[sniff.Format]func(*record.Scanner, record.Options) record.Reader{sniff.IISW3C: iislog.NewW3C,
		sniff.IISNative: iislog.Native.New, sniff.NCSA: iislog.NCSA.New}
	f.Fuzz(func(t *testing.T, in []byte) {
		for format, open := range readers {
			opt := record.Options{Computer: "c", Encoding: record.UTF8} // the site is kept with the line
			sited := opt
			sited.Site = []string{"", "W3SVC1"}[len(in)%2]
			rd := open(record.NewScanner(bytes.NewReader(in), record.UTF8), sited)
			past := int64(0)
			for {
				var e, again event.Event
				err := rd.Next(&e)
				var rej *record.Rejected
				if errors.As(err, &rej) {
					if rej.Offset < past || rej.Length <= 0 || rej.Offset+rej.Length > int64(len(in)) {
						t.Fatalf("%s: rejected %d+%d behind %d", format, rej.Offset, rej.Length, past)
					}
					past = rej.Offset + rej.Length
					continue
				}
				if err != nil {
					break
				}
				_, line := sniff.Split(format, e.Raw)
				if e.Offset < past || !bytes.HasPrefix(in[e.Offset:], []byte(line)) || strings.ContainsRune(line, '\n') {
					t.Fatalf("%s: the event at %d is not there", format, e.Offset)
				}
				past = e.Offset + int64(len(line))
				if err := sniff.One(format, e.Raw, opt, &again); err != nil || says(&again, "c_ip status user url site") !=
					says(&e, "c_ip status user url site") || again.Own != e.Own {
					t.Fatalf("%s: again %v: %+v, first %+v", format, err, again, e)
				}
			}
			rd.(record.Witness).Note()
			_ = iislog.What(in)
			iislog.GuessW3C(in)
		}
	})
}
