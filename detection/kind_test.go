package detection_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
)

// Kinds are stored with findings: a bit keeps its meaning.
func TestKindBits(t *testing.T) {
	for i, tt := range []struct {
		kind  detection.Kind
		bit   int
		label string
	}{
		{detection.KnownBadName, 25, "name known from reports"},
		{detection.ForeignImage, 26, "own name, foreign image"},
		{detection.ModuleAdded, 0, "module added"},
		{detection.ModuleRemoved, 1, "module removed"},
		{detection.ModuleImage, 2, "module image set"},
		{detection.ModuleEnabledForSite, 4, "module enabled for sites"},
		{detection.ModuleDisabledForSite, 5, "module removed for sites"},
		{detection.ModuleChanged, 3, "module changed"},
		{detection.HTTPLoggingOff, 6, "HTTP logging switched off"},
		{detection.ETWTargetRemoved, 7, "ETW log target removed"},
		{detection.ISAPIFilter, 9, "ISAPI filter changed"},
		{detection.LoggingChanged, 8, "logging changed"},
		{detection.OtherChange, 10, "other change"},
		{detection.OwnModule, 24, "IIS's own module"},
		{detection.Unsure, 27, "operation not in the log"},
	} {
		if tt.kind != 1<<tt.bit || tt.kind.String() != tt.label {
			t.Errorf("%d is %q, want bit %d, %q", tt.kind, tt.kind, tt.bit, tt.label)
		}
		if labels := (^detection.Kind(0)).Labels(); labels[i] != tt.label || len(labels) != 15 {
			t.Errorf("label %d of %q, want %q: the gravest first", i, labels, tt.label)
		}
		if isModule := tt.kind&detection.ModuleKinds != 0; isModule != (tt.bit < 6) {
			t.Errorf("%v is about modules: %v", tt.kind, isModule)
		}
	}
	if detection.Kind(0).Labels() != nil || detection.Kind(0).String() != "" {
		t.Error("no kind has a label")
	}
	both := detection.OtherChange | detection.ModuleAdded
	if both.String() != "module added, other change" {
		t.Error(both)
	}
}

// The two paths of a message: what was changed, and where.
func TestParseMessage(t *testing.T) {
	const tail = "' have successfully been committed."
	for in, want := range map[string]string{
		"Changes to '/a' at 'MACHINE/X" + tail:                            "/a|MACHINE/X",
		" \nChanges to '/a' at 'MACHINE/X" + tail + "\r\n":                "/a|MACHINE/X",
		"Changes to '' at '" + tail:                                       "|",
		"Changes to '/a' at 'b' at 'c" + tail:                             "/a' at 'b|c",
		"Changes to '/a' at 'MACHINE/b' at 'c" + tail:                     "/a|MACHINE/b' at 'c",
		"Changes to '/a' at 'MACHINE/b' at 'MACHINE/c" + tail:             "/a' at 'MACHINE/b|MACHINE/c",
		"changes to '/a' at 'MACHINE/X" + tail:                            "no",
		"Changes to '/a' at 'MACHINE/X":                                   "no",
		"Changes to '/a' in 'MACHINE/X" + tail:                            "no",
		"":                                                                "no",
		"Changes to '/a' at 'MACHINE/X' have successfully been committed": "no",
	} {
		got := "no"
		if c, at, ok := detection.ParseMessage(in); ok {
			got = c + "|" + at
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Paths are compared as Windows takes them, types without their assembly.
func TestImages(t *testing.T) {
	const own, foreign = detection.OwnModule, detection.OwnModule | detection.ForeignImage
	for image, want := range map[string]detection.Kind{
		`%windir%\System32\inetsrv\cachuri.dll`:               own,
		`%SystemRoot%\System32\inetsrv\cachuri.dll`:           own,
		`C:/WINDOWS/system32/INETSRV/cachuri.dll`:             own,
		`"C:\Windows\System32\inetsrv\cachuri.dll"`:           own,
		`\\?\C:\Windows\System32\inetsrv\cachuri.dll`:         own,
		`%systemdrive%\Windows\System32\inetsrv\cachuri.dll `: own,
		`D:\Windows\System32\inetsrv\cachuri.dll`:             foreign,
		`cachuri.dll`: foreign,
		`C:\x`:        foreign,
		`x/y`:         foreign,
		`name`:        own, // says nothing of a file
		``:            own,
	} {
		in := full(`/system.webServer/globalModules/add[@name="uricachemodule"]/@image`, "3", "", image)
		if c, _ := detection.ChangeOf(in); c.Kind != want|detection.ModuleImage || c.Image != image {
			t.Errorf("%q: %v, image %q; want %v", image, c.Kind, c.Image, want)
		}
	}
	for kind, want := range map[string]detection.Kind{
		"System.Web.SessionState.SessionStateModule":                own,
		"system.web.sessionstate.sessionstatemodule , System.Web":   own,
		"System.Web.SessionState.SessionStateModule2":               foreign,
		"Evil, System.Web.SessionState.SessionStateModule, Version": foreign,
		"Evil, Assembly": own, // it does not look like an image
	} {
		in := full(`/system.webServer/modules/add[@name="Session"]/@type`, "3", "", kind)
		if c, _ := detection.ChangeOf(in); c.Kind != want|detection.ModuleImage {
			t.Errorf("%q: %v, want %v", kind, c.Kind, want)
		}
	}
}

// Names of attributes and elements have no case, and an operation may have
// blanks around it.
func TestChangeWithoutCase(t *testing.T) {
	for _, tt := range []struct {
		path, op, old, new string
		want               detection.Kind
	}{
		{`/SYSTEM.WEBSERVER/GlobalModules/ADD[@name="X"]`, " 1 ", "", "", detection.ModuleAdded},
		{`/system.webserver/globalmodules/Remove[@name="X"]`, "1", "", "", detection.ModuleRemoved},
		{`/system.webServer/globalModules/add[@name="X"]/@IMAGE`, "3", "", "c", detection.ModuleImage},
		{`/system.webServer/HTTPLogging/@DontLog`, "3", "", " TRUE ", detection.HTTPLoggingOff},
		{`/system.webServer/httpLogging/@dontLog`, "3", "", "1", detection.HTTPLoggingOff},
		{`/system.webServer/httpLogging/@dontLog`, "", "", "1", detection.HTTPLoggingOff},
		{`/system.webServer/httpLogging/@selectiveLogging`, "3", "", "1", detection.LoggingChanged},
		{`/system.webServer/caching/@dontLog`, "3", "", "true", detection.OtherChange},
		{`/a/logFile/@enabled`, "3", "", "0", detection.HTTPLoggingOff},
		{`/a/logFile/@enabled`, "3", "", "1", detection.LoggingChanged},
		{`/a/b/@enabled`, "3", "", "false", detection.OtherChange},
		{`/a/logFile/@logTargetW3C`, "3", "file,etw", "file", detection.ETWTargetRemoved},
		{`/a/logFile/@logTargetW3C`, "", "ETW", "", detection.ETWTargetRemoved},
		{`/a/logFile/@logTargetW3C`, "3", "ETW", "File,ETW", detection.LoggingChanged},
		{`/a/logFile/@logTargetW3C`, "3", "", "", detection.LoggingChanged},
		{`/a/log/x`, "3", "", "", detection.LoggingChanged}, {`/a/odbcLogging`, "3", "", "", detection.LoggingChanged},
		{`/a/tracing/x`, "3", "", "", detection.LoggingChanged},
		{`/a/traceFailedRequests/x`, "3", "", "", detection.LoggingChanged},
		{`/a/traceFailedRequestsLogging`, "3", "", "", detection.LoggingChanged},
		{`/a/logs`, "3", "", "", detection.OtherChange},
		{`/a/logs`, "", "", "", detection.OtherChange}, // unsure of nothing that matters
		{`/a/log`, "", "", "", detection.LoggingChanged | detection.Unsure},
		{`/a/log`, "4", "", "", detection.LoggingChanged | detection.Unsure},
		{`/system.webServer/isapiFilters/filter[@name="owaauth"]`, "2", "", "",
			detection.ISAPIFilter | detection.KnownBadName},
		{`/system.webServer/isapiFilters/filter[@name="f"]/@enabled`, "3", "", `c:\owaauth.dll`, detection.ISAPIFilter},
		{`/system.webServer/isapiFilters`, "", "", "", detection.ISAPIFilter | detection.Unsure},
		{`/system.webServer/modules/add[@name="X"]`, "3", "", "", detection.ModuleChanged},
		{`/system.webServer`, "3", "", "", detection.OtherChange},
	} {
		c, ok := detection.ChangeOf(full(tt.path, tt.op, tt.old, tt.new))
		if !ok || c.Kind != tt.want || c.Old != tt.old || c.New != tt.new || c.ConfigPath != "MACHINE/WEBROOT/APPHOST" {
			t.Errorf("%s, %q: %v, want %v", tt.path, tt.op, c.Kind, tt.want)
		}
	}
}

func TestAnnotations(t *testing.T) {
	r := detection.Rule{Tags: detection.Tags{AnalyticStory: []string{"S", "S"}, MitreAttackID: []string{"T1505.004"}}}
	for _, tt := range []struct{ kind, domain, want string }{
		{"ttp", "endpoint", "CIS 10|DE.CM|S|T1505.004|persistence"},
		{"TTP", "Network", "CIS 13|DE.CM|S|T1505.004|persistence"},
		{"Anomaly", "", "CIS 10|DE.AE|S|T1505.004|persistence"},
	} {
		r.Type, r.Tags.SecurityDomain = tt.kind, tt.domain
		if got := strings.Join(r.Annotations(), "|"); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}
