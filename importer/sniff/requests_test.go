package sniff_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// requestLog is a way to write a log of requests.
type requestLog struct {
	name   string
	format sniff.Format
	write  func([]logwriter.Request) []byte
	open   string // what it leaves open: computer, zone
}

// w3c writes lines of some fields, the directives above them.
func w3c(software, fields string) func([]logwriter.Request) []byte {
	return func(all []logwriter.Request) []byte {
		out := logwriter.AppendW3CHeader(nil, software, all[0].Time, fields)
		for i := range all {
			out = logwriter.AppendW3C(out, &all[i], fields)
		}
		return out
	}
}

var requestLogs = []requestLog{
	{"w3c", sniff.IISW3C, w3c(logwriter.IISSoftware, logwriter.W3CFields), "computer"},
	{"w3c, all fields", sniff.IISW3C, w3c(logwriter.IISSoftware, logwriter.W3CAllFields), ""},
	{"w3c, no date", sniff.IISW3C,
		w3c(logwriter.IISSoftware, strings.TrimPrefix(logwriter.W3CFields, "date ")), "computer"},
	{"w3c, no #Fields", sniff.IISW3C, func(all []logwriter.Request) (out []byte) {
		for i := range all {
			out = logwriter.AppendW3C(out, &all[i], logwriter.W3CFields)
		}
		return out
	}, "computer"},
	{"w3c, other fields half-way", sniff.IISW3C, func(all []logwriter.Request) []byte {
		half := (len(all) + 1) / 2
		out := w3c(logwriter.IISSoftware, logwriter.W3CAllFields)(all[:half])
		for _, r := range all[half:] {
			out = append(out, w3c(logwriter.IISSoftware, logwriter.W3CFields)([]logwriter.Request{r})...)
		}
		return out
	}, "some"},
	{"httperr", sniff.HTTPErr, w3c(logwriter.HTTPSysSoftware, logwriter.HTTPErrFields), "computer"},
	{"native", sniff.IISNative, func(all []logwriter.Request) (out []byte) {
		for i := range all {
			out = logwriter.AppendIISNative(out, &all[i], time.UTC, "1/2/2006")
		}
		return out
	}, "zone"},
	{"ncsa", sniff.NCSA, func(all []logwriter.Request) (out []byte) {
		for i := range all {
			out = logwriter.AppendNCSA(out, &all[i], berlin)
		}
		return out
	}, "computer"},
}

// requestsOf are so many requests of one server, a day with two midnights.
func requestsOf(n int, computer string) (out []logwriter.Request) {
	for i := range n {
		out = append(out, logwriter.Request{Time: time.Date(2026, 3, 14, 9+i*5, 0, i%60, 0, time.UTC), Site: "W3SVC1",
			Computer: computer, ServerIP: "10.0.0.5", Port: 443, ClientPort: 50000 + i, Method: "GET",
			Stem: fmt.Sprintf("/p%d/größe", i), Query: "q=1", Version: "HTTP/1.1", User: "ann", Client: "203.0.113.7",
			Agent: "curl/8.0", Status: 200 + i, Taken: int64(i)})
	}
	return out
}

// TestRequests reads each log of requests in each encoding and cut everywhere, whole
// and in pieces; what is kept of an event gives it again.
func TestRequests(t *testing.T) {
	opt := record.Options{Computer: "web01"}
	for _, r := range requestLogs {
		all := requestsOf(9, "web01")
		in := r.write(all)
		want := read(t, bytes.NewReader(in), opt)
		if want.info.Format != r.format || len(want.events) != len(all) || len(want.rejected) > 0 || want.err != nil {
			t.Errorf("%s: %v", r.name, want)
			continue
		}
		for i := range want.events {
			e := &want.events[i]
			status, _ := e.Get("status")
			path, _ := e.Get("uri_path")
			if e.Nanos != all[i].Time.UnixNano() || status != fmt.Sprint(all[i].Status) || path != all[i].Stem {
				t.Errorf("%s: %s %s %s, want %+v", r.name, e.Time(), status, path, all[i])
			}
			checkOne(t, want.info, e)
		}
		checkOffsets(t, r.name, in, want)
		checkCuts(t, r.name, in, opt, want)
		for name, wide := range map[string][]byte{"mark": []byte("\uFEFF" + string(in)),
			"utf16le": utf16(string(in), record.UTF16LE, true), "utf16be": utf16(string(in), record.UTF16BE, false)} {
			res := read(t, bytes.NewReader(wide), opt)
			if res.info.Format != r.format || len(res.events) != len(all) || len(res.rejected) > 0 {
				t.Errorf("%s in %s: %v", r.name, name, res)
			}
			checkOffsets(t, r.name+" "+name, wide, res)
		}
		open, err := sniff.Inspect(bytes.NewReader(in), record.Options{}, 3)
		if err != nil || r.open != "some" && (open.NoComputer > 0) != (r.open == "computer") ||
			(open.Zoneless > 0) != (r.open == "zone") {
			t.Errorf("%s leaves open: %+v, %v", r.name, open, err)
		}
	}
}
