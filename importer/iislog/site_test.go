package iislog_test

import (
	"testing"

	"escutcheon/importer/iislog"
	"escutcheon/importer/record"
)

// TestSiteOf: the innermost folder that is named for a site counts, and no file.
func TestSiteOf(t *testing.T) {
	for path, want := range map[string]string{
		`C:\inetpub\logs\LogFiles\W3SVC1\u_ex260314.log`: "W3SVC1",
		"logs/w3svc12/u_ex.log":                          "W3SVC12",
		"FtpSvc2/a/b.log":                                "FTPSVC2",
		"W3SVC1/old.zip!FTPSVC3/x/u.log":                 "FTPSVC3",
		"W3SVC1!u.log":                                   "W3SVC1",
		"W3SVC1/":                                        "W3SVC1",
		"W3SVC1":                                         "",
		"xW3SVC1/a":                                      "",
		"W3SVC1x/a":                                      "",
		"W3SVC/a":                                        "",
		"W3SVC12345678901/a":                             "",
		"W3SVC1\n#Date:/a":                               "",
		"u.log":                                          "",
		"":                                               "",
	} {
		if got := iislog.SiteOf(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// TestSiteOfLine: the site of the folder is a field of each line that does not say its own,
// whatever a line that looks like ours says.
func TestSiteOfLine(t *testing.T) {
	opt := record.Options{Site: "W3SVC3"}
	res := read(t, []byte("#Site: W3SVC9\r\n#Date: 2026-03-14\r\n#Fields: time c-ip cs-method\r\n#Site: W3SVC9\r\n"+
		"10:00:00 1.2.3.4 GET\r\n"+
		"#Fields: date time c-ip cs-method s-sitename\r\n2026-03-14 10:00:00 1.2.3.4 GET W3SVC8\r\n"+
		"#Fields: date time c-ip sc-status s-siteid\r\n2026-03-14 10:00:00 1.2.3.4 200 4\r\n"), opt)
	for i, want := range []string{"2026-03-14T10:00:00 W3SVC3", "2026-03-14T10:00:00 W3SVC8", "2026-03-14T10:00:00 4"} {
		if i >= len(res.events) || says(&res.events[i], "site") != want {
			t.Errorf("line %d: %+v, want %s", i, res, want)
		}
	}
	text, line := iislog.Split(res.events[0].Raw)
	if want := "#Date: 2026-03-14\n#Fields: time c-ip cs-method\n#Site: W3SVC3\n10:00:00 1.2.3.4 GET"; text != want ||
		line != "10:00:00 1.2.3.4 GET" || res.events[1].Own != "2026-03-14 10:00:00 1.2.3.4 GET W3SVC8" {
		t.Errorf("%q, %q, %q", text, line, res.events[1].Own)
	}
}
