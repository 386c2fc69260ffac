package iislog_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/internal/samples"
)

// result is what a log gives.
type result struct {
	format   sniff.Format
	events   []event.Event
	rejected []record.Rejected
	note     string
}

func read(t testing.TB, in []byte, opt record.Options) (res result) {
	t.Helper()
	rd, info, err := sniff.Open(bytes.NewReader(in), opt)
	if err != nil {
		t.Fatal(err)
	}
	res.format = info.Format
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			res.events = append(res.events, e)
		case errors.As(err, &rej):
			res.rejected = append(res.rejected, *rej)
		default:
			res.note = rd.(record.Witness).Note()
			return res
		}
	}
}

// says is what an event answers to some names.
func says(e *event.Event, names string) string {
	out := []string{e.Time().Format("2006-01-02T15:04:05.999")}
	for name := range strings.FieldsSeq(names) {
		v, ok := e.Get(name)
		if !ok {
			v = "none"
		}
		out = append(out, v)
	}
	return strings.Join(out, " ")
}

// TestSamples reads real logs, where they are.
func TestSamples(t *testing.T) {
	const seconds = "lines have a second space before a value, as IIS writes it before some users: it is passed over."
	for _, c := range []struct {
		file             string
		format           sniff.Format
		events, rejected int
		note             string
		last             string // of the last event
	}{
		{"w3c/plaso-iis6.log", sniff.IISW3C, 12, 0, "",
			"2015-10-16T13:01:02 GET 500 222.222.222.222 /foo/bar/baz.asp?ID=ERROR[`cat%20passwd|echo`] none"},
		{"w3c/plaso-iis7_owa.log", sniff.IISW3C, 3, 0, "", ""},
		{"w3c/plaso-iis7_sqli.log", sniff.IISW3C, 2, 0, "",
			"2015-10-16T13:01:02 GET 500 222.222.222.222 /foo/bar/baz.asp?ID=1%27%20or%201%3D%40%40version-- none"},
		{"w3c/plaso-iis10_cookies.log", sniff.IISW3C, 3, 0, "", ""},
		{"w3c/plaso-iis10_edge_cases.log", sniff.IISW3C, 15, 0, "6 " + seconds, ""},
		{"w3c/plaso-iis_ipv6_zone.log", sniff.IISW3C, 3, 0, "3 " + seconds,
			"2022-01-03T00:01:26 POST 404 192.168.1.100 /endpoint admin"},
		{"w3c/plaso-iis_without_date.log", sniff.IISW3C, 11, 0,
			"11 lines have no date: their day is that of #Date, and goes on at midnight.", ""},
		{"w3c/beats-header-changes-midfile.log", sniff.IISW3C, 3, 2,
			"Its #Fields change 2 times: each line is read by those above it.",
			"2018-01-01T10:11:12 GET 200 81.2.69.143 / none"},
		{"w3c/advanced-logging-tabs-quoted.log", sniff.IISW3C, 2, 0, "",
			"2017-09-23T00:34:44.666 POST 201 192.168.66.178 /_vti_bin/Lists.asmx none"},
		{"w3c/iis-native-format.log", sniff.IISNative, 6, 0, "", "2013-02-23T12:12:46 GET 404 ::1 /favicon.ico none"},
		{"httperr/logjoint-httperr-2012-zone0.log", sniff.HTTPErr, 3, 0, "",
			"2012-02-29T12:48:58 GET 404 10.36.206.59 / none"},
		{"httperr/plaso-httperr-server2025-18-fields.log", sniff.HTTPErr, 5, 0, "", ""},
		{"httperr/plaso-httperr_restart-header-changes.log", sniff.HTTPErr, 6, 0,
			"Its #Fields change once: each line is read by those above it.",
			"2025-03-14T09:15:07 GET 503 192.0.2.13 /status none"},
	} {
		in := samples.IIS(t, c.file)
		res := read(t, in, record.Options{})
		if res.format != c.format || len(res.events) != c.events || len(res.rejected) != c.rejected || res.note != c.note {
			t.Errorf("%s: %s, %d events, %d rejected, %q", c.file, res.format, len(res.events), len(res.rejected), res.note)
			continue
		}
		for i := range res.events {
			if e := &res.events[i]; !e.HasTime || e.EventCode != event.None || !e.IsRequest() {
				t.Errorf("%s: %+v", c.file, e)
			}
		}
		if got := says(&res.events[c.events-1], "http_method status src url user"); c.last != "" && got != c.last {
			t.Errorf("%s: the last is %q, want %q", c.file, got, c.last)
		}
	}
	xff := samples.IIS(t, "w3c/beats-xff-custom-field-no-header.log")
	if _, _, err := sniff.Open(bytes.NewReader(xff), record.Options{}); err == nil ||
		!strings.Contains(err.Error(), "without the #Fields line") {
		t.Errorf("lines with a column that nobody names: %v", err)
	}
}

func request() *logwriter.Request {
	return &logwriter.Request{Time: time.Date(2026, 3, 14, 23, 59, 58, 0, time.UTC), Site: "W3SVC2", Computer: "WEB01",
		ServerIP: "10.1.1.5", Port: 443, ClientPort: 50111, Method: "POST", Stem: "/owa/auth.aspx", Query: "a=1&b=2",
		Version: "HTTP/1.1", User: `CORP\ann`, Client: "203.0.113.9", Agent: "Mozilla/5.0 (Windows NT 10.0)",
		Cookie: "s=1", Referer: "https://mail.example/owa/?x=y", Host: "mail.example", Status: 500, Substatus: 19,
		Win32: 2148074254, Sent: 1200, Received: 345, Taken: 78, Reason: "BadRequest", Queue: "Pool"}
}

// TestFields: each format says under the add-on's names and those of the data model
// what it carries.
func TestFields(t *testing.T) {
	const names = "sourcetype source LogName EventCode host site c_ip src dest_ip dest_port http_method url uri_path " +
		"uri_query url_length status http_user_agent http_referrer http_referrer_domain user bytes_in bytes_out bytes " +
		"response_time vendor_product product Error_Code action"
	r := request()
	for _, c := range []struct {
		format sniff.Format
		in     []byte
		want   string
	}{
		{sniff.IISW3C, logwriter.AppendW3C(logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, r.Time,
			logwriter.W3CAllFields), r, logwriter.W3CAllFields),
			"2026-03-14T23:59:58 ms:iis:auto ms:iis:auto none none WEB01 W3SVC2 203.0.113.9 203.0.113.9 10.1.1.5 443 POST " +
				`/owa/auth.aspx?a=1&b=2 /owa/auth.aspx a=1&b=2 22 500 Mozilla/5.0+(Windows+NT+10.0) ` +
				`https://mail.example/owa/?x=y mail.example CORP\ann 345 1200 1545 78 Microsoft IIS IIS none none`},
		{sniff.IISW3C, logwriter.AppendW3C(logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, r.Time,
			logwriter.W3CFields), r, logwriter.W3CFields),
			"2026-03-14T23:59:58 ms:iis:auto ms:iis:auto none none asked none 203.0.113.9 203.0.113.9 10.1.1.5 443 POST " +
				`/owa/auth.aspx?a=1&b=2 /owa/auth.aspx a=1&b=2 22 500 Mozilla/5.0+(Windows+NT+10.0) ` +
				`https://mail.example/owa/?x=y mail.example CORP\ann none none none 78 Microsoft IIS IIS none none`},
		{sniff.HTTPErr, logwriter.AppendW3C(logwriter.AppendW3CHeader(nil, logwriter.HTTPSysSoftware, r.Time,
			logwriter.HTTPErrFields), r, logwriter.HTTPErrFields),
			"2026-03-14T23:59:58 ms:iis:httperr ms:iis:httperr none none asked 2 203.0.113.9 203.0.113.9 10.1.1.5 443 POST " +
				`/owa/auth.aspx?a=1&b=2 /owa/auth.aspx a=1&b=2 22 500 none none none none none none none none ` +
				`Microsoft IIS IIS none none`},
		{sniff.IISNative, logwriter.AppendIISNative(nil, r, time.FixedZone("", 3600), "01/02/06"),
			"2026-03-14T23:59:58 ms:iis:auto ms:iis:auto none none WEB01 W3SVC2 203.0.113.9 203.0.113.9 10.1.1.5 none POST " +
				`/owa/auth.aspx?a=1&b=2 /owa/auth.aspx a=1&b=2 22 500 none none none CORP\ann 345 1200 1545 78 ` +
				`Microsoft IIS IIS none none`},
		{sniff.NCSA, logwriter.AppendNCSA(nil, r, time.FixedZone("", -5*3600)),
			"2026-03-14T23:59:58 ms:iis:auto ms:iis:auto none none asked none 203.0.113.9 203.0.113.9 none none POST " +
				`/owa/auth.aspx?a=1&b=2 /owa/auth.aspx a=1&b=2 22 500 none none none CORP\ann none 1200 none none ` +
				`Microsoft IIS IIS none none`},
	} {
		res := read(t, c.in, record.Options{Computer: "asked", Zone: time.FixedZone("", 3600)})
		if res.format != c.format || len(res.events) != 1 || len(res.rejected) > 0 || res.note != "" {
			t.Errorf("%s: %+v", c.format, res)
			continue
		}
		if got := says(&res.events[0], names); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.format, got, c.want)
		}
		lines := strings.Split(strings.TrimSuffix(string(c.in), "\r\n"), "\r\n")
		if raw, _ := res.events[0].Get("_raw"); raw != lines[len(lines)-1] {
			t.Errorf("%s: _raw is %q", c.format, raw)
		}
	}
}

// TestLines: what is odd is counted and told, what is torn is rejected where it is,
// and the rest goes on.
func TestLines(t *testing.T) {
	const few = "#Fields: date time c-ip cs-method cs-uri-stem cs-username sc-status\r\n"
	const line = "2026-03-14 10:00:00 1.2.3.4 GET / - 200\r\n"
	bare := string(logwriter.AppendW3C(nil, request(), logwriter.W3CFields))
	for name, c := range map[string]struct{ in, want, note string }{
		"a second space": {few + "2026-03-14 10:00:00 1.2.3.4 GET /  ann 200\r\n", "ann/200 at 69",
			"1 line has a second space before a value, as IIS writes it before some users: it is passed over."},
		"an empty value":     {few + "2026-03-14 10:00:00 1.2.3.4 GET /  200\r\n", "none/200 at 69", ""},
		"a space at the end": {few + "2026-03-14 10:00:00 1.2.3.4 GET / - 200 \r\n", "-/200 at 69", ""},
		"two values too many": {few + line + "2026-03-14 10:00:00 1.2.3.4 GET /  ann  200 \r\n" + line,
			"-/200 at 69; 110+46 count; -/200 at 156", ""},
		"a space in the query": {few + "2026-03-14 10:00:00 1.2.3.4 GET /a b - 200\r\n" + line, "69+44 count; -/200 at 113", ""},
		"no date":              {few + "2026-13-14 10:00:00 1.2.3.4 GET / - 200\r\n" + line, "69+41 time; -/200 at 110", ""},
		"cut at the end":       {few + line + "2026-03-14 10:00:00 1.2.3.4 G", "-/200 at 69; 110+29 count", ""},
		"zeros": {few + line + "2026-03-14 1" + strings.Repeat("\x00", 40) + line,
			"-/200 at 69; 110+12 zero; 122+40 zeros; -/200 at 162", ""},
		"fields of a firewall": {few + line + "#Fields: date time action protocol\r\n" + line,
			"-/200 at 69; 146+41 fields",
			"Its #Fields change once: each line is read by those above it."},
		"the same fields again": {few + line + "#Software: x\r\n#Date: 2026-03-14 11:00:00\r\n" + few + line,
			"-/200 at 69; -/200 at 221", ""},
		"not UTF-8":               {few + "2026-03-14 10:00:00 1.2.3.4 GET / M\xfcller 200\n", "Müller/200 at 69", ""},
		"quotes, pipes, brackets": {few + "2026-03-14 10:00:00 1.2.3.4 GET /a|\"[b]\\#$'{} - 200\n", "-/200 at 69", ""},
		"lines above any #Fields": {bare + bare + few + line,
			"CORP\\ann/500 at 0; CORP\\ann/500 at " + fmt.Sprint(len(bare)) +
				"; -/200 at " + fmt.Sprint(2*len(bare)+len(few)),
			"2 lines stand above any #Fields line: their shape says that they have the fields that are logged by default."},
		"text above #Fields": {"what is this\nand this?\n" + few + line, "0+23 above; -/200 at 92", ""},
	} {
		res := read(t, []byte(c.in), record.Options{Encoding: record.UTF8})
		if got := told(res); got != c.want || res.note != c.note {
			t.Errorf("%s: %s, want %s\n%q, want %q", name, got, c.want, res.note, c.note)
		}
	}
}

// told is what a log gives, in its order, with short reasons.
func told(res result) string {
	out := make([]string, 0, len(res.events)+len(res.rejected))
	rejected := res.rejected
	before := func(at int64) {
		for len(rejected) > 0 && rejected[0].Offset < at {
			r := rejected[0]
			reason := "?"
			for start, word := range map[string]string{"No #Fields": "above", "The #Fields": "fields",
				"This line has another": "count", "This line has no date": "time", "This line is cut short by zero": "zero",
				record.ReasonZeros: "zeros"} {
				if strings.HasPrefix(r.Reason, start) {
					reason = word
				}
			}
			out = append(out, fmt.Sprintf("%d+%d %s", r.Offset, r.Length, reason))
			rejected = rejected[1:]
		}
	}
	for i := range res.events {
		e := &res.events[i]
		before(e.Offset)
		user, ok := e.Get("cs_username")
		if !ok {
			user = "none"
		}
		status, _ := e.Get("sc_status")
		out = append(out, fmt.Sprintf("%s/%s at %d", user, status, e.Offset))
	}
	before(1 << 62)
	return strings.Join(out, "; ")
}

// TestDays: lines without a date are of the day of #Date, and of the next one when
// their time falls back by half a day; one that was written late is of its own day.
func TestDays(t *testing.T) {
	const in = "#Date: 2026-02-28 22:00:00\n#Fields: time c-ip cs-method sc-status\n23:59:59 1.2.3.4 GET 200\n" +
		"23:59:57 1.2.3.4 GET 200\n00:00:01 1.2.3.4 GET 200\n23:59:58 1.2.3.4 GET 200\n" +
		"13:00:00 1.2.3.4 GET 200\n00:00:02 1.2.3.4 GET 200\n" +
		"#Date: 2026-03-05 00:00:00\n01:00:00 1.2.3.4 GET 200\n"
	res := read(t, []byte(in), record.Options{})
	var got []string
	for i := range res.events {
		e := &res.events[i]
		got = append(got, e.Time().Format("01-02T15:04:05"))
		var again event.Event
		if err := sniff.One(res.format, e.Raw, record.Options{}, &again); err != nil || again.Nanos != e.Nanos {
			t.Errorf("again: %v, %s", err, again.Time())
		}
	}
	const want = "[02-28T23:59:59 02-28T23:59:57 03-01T00:00:01 02-28T23:59:58 03-01T13:00:00 03-02T00:00:02 03-05T01:00:00]"
	if fmt.Sprint(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	res = read(t, []byte(strings.ReplaceAll(in, "#Date", "#When")), record.Options{})
	if len(res.events) != 7 || res.events[0].HasTime ||
		res.note != "7 lines have no date, and no #Date above them, or no time: they have none." {
		t.Errorf("without #Date: %d events, %q", len(res.events), res.note)
	}
}

// TestRefused: what is like such a log and is none, or cannot be read for sure, is
// told so.
func TestRefused(t *testing.T) {
	for in, want := range map[string]string{
		"#Version: 1.5\n#Fields: date time action protocol src-ip\n2026-03-14 10:00:00 ALLOW TCP 1.2.3.4\n": "of another service",
		"2026-03-14 10:00:00 1.2.3.4 GET /a - 200 0 0 7\n":                                                  "without the #Fields line",
	} {
		_, _, err := sniff.Open(strings.NewReader(in), record.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// BenchmarkW3C decodes lines as a busy server writes them.
func BenchmarkW3C(b *testing.B) {
	for _, fields := range []struct{ name, names string }{{"default", logwriter.W3CFields},
		{"all", logwriter.W3CAllFields}} {
		b.Run(fields.name, func(b *testing.B) {
			in := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, request().Time, fields.names)
			const n = 20000
			r := request()
			r.Agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
				"Chrome/120.0.0.0 Safari/537.36"
			for i := range n {
				r.Time = r.Time.Add(time.Second)
				r.Query = fmt.Sprintf("id=%d&session=%x", i, i*7919)
				in = logwriter.AppendW3C(in, r, fields.names)
			}
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				rd, _, err := sniff.Open(bytes.NewReader(in), record.Options{})
				if err != nil {
					b.Fatal(err)
				}
				var e event.Event
				events := 0
				for ; rd.Next(&e) == nil; events++ {
				}
				if events != n {
					b.Fatal(events)
				}
			}
		})
	}
}
