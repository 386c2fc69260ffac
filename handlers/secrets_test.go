package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// TestKeysMasked: a machine key that an event says stands on no page and in no export.
func TestKeysMasked(t *testing.T) {
	const key = "0123456789ABCDEF0123456789ABCDEF"
	s := consoletest.New(t)
	var xml, text []byte
	for n, c := range []logwriter.Change{
		{Path: "/system.web/machineKey/@validationKey", Edit: logwriter.EditModify, Before: "AutoGenerate,IsolateApps",
			After: key},
		{Path: "/system.webServer/httpLogging/@dontLog", Edit: logwriter.EditModify, Before: "false", After: "true"},
	} {
		r := logwriter.IISChange(c)
		r.Computer, r.Time, r.RecordNumber = "web01", consoletest.Noon.Add(time.Duration(n)*time.Second), int64(n+1)
		xml = append(logwriter.AppendXML(xml, &r, false), '\n')
		text = append(logwriter.AppendNXLog(text, &r, time.UTC), '\n')
	}
	s.Load(t, "a.xml", xml)
	s.Load(t, "b.json", text)
	for _, path := range []string{"/events/1", "/events/1?show=raw", "/events/1?show=hex", "/events/1/raw",
		"/search?q=" + url.QueryEscape("index=* machineKey"), "/hosts/web01", "/hosts/web01/report.html"} {
		a := s.Get(t, path)
		if a.Status != 200 || strings.Contains(a.Body, key) || strings.Contains(a.Body, "30 31 32 33 34 35 36 37") {
			t.Errorf("%s: %d, the key stands in it: %v", path, a.Status, strings.Contains(a.Body, key))
		}
	}
	if a := s.Get(t, "/events/2"); !strings.Contains(a.Body, "true") || strings.Contains(a.Body, "(masked)") {
		t.Error("what is no key is masked")
	}
	if a := s.Get(t, "/events/1"); !strings.Contains(a.Body, "(masked)") || !strings.Contains(a.Body, "AutoGenerate") {
		t.Error("nothing says that something is masked")
	}
}
