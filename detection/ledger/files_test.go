package ledger_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
	"escutcheon/internal/samples"
)

// ledgerOf is the ledger of files alone.
func ledgerOf(files ...artifact.File) []ledger.Module {
	h := onfile.Make(files, nil, verdict.Log{})
	return ledger.MakeOf(ledger.Sources{OnFile: h, Files: files}, nil)
}

// TestRealConfigurations: of real configurations each module, filter and handler is IIS's
// own, a known product's or unknown; none is bad, and the planted one is unknown.
func TestRealConfigurations(t *testing.T) {
	for name, unknown := range map[string]string{
		"config/arm64-win11-applicationHost.config":                        `C:\PHP\php-cgi.exe`,
		"config/arr-reverseproxy-applicationHost.config":                   "",
		"config/exchange2016-applicationHost.config":                       "",
		"config/exchange2019-malformed-applicationHost.config":             "",
		"config/qa-355650-compromised-exchange-globalmodules-fragment.xml": "UpData",
		"config/server2019-administration.config":                          "",
		"config/server2019-allfeatures-applicationHost.config":             "",
		"config/server2019-redirection.config":                             "",
		"config/thirdparty-native-module-first-applicationHost.config":     "",
		"web.config/exchange2019-owa-web.config":                           "",
		"web.config/exchange2019-powershell-web.config":                    "",
	} {
		t.Run(path.Base(name), func(t *testing.T) {
			f := artifact.Read("C/Windows/System32/inetsrv/config/"+path.Base(name), samples.IIS(t, name))
			if f == nil {
				t.Fatal("it is not read")
			}
			var got []string
			for _, m := range ledgerOf(*f) {
				switch m.Judged {
				case ledger.Bad, ledger.Posing:
					t.Errorf("%s %s: %s, %s", m.Name, m.Image, m.Judged, m.Reason)
				case ledger.Unlisted:
					got = append(got, m.Name+" "+m.Image)
				}
				if len(m.Evidence) == 0 {
					t.Errorf("nothing says %s", m.Name)
				}
			}
			t.Logf("unknown: %d %q", len(got), got)
			if unknown != "" && !strings.Contains(strings.Join(got, "\n"), unknown) {
				t.Errorf("%s is not unknown", unknown)
			}
		})
	}
}

// config is an applicationHost.config of entries, written at a minute of the hour that
// follows noon.
func config(id int64, serial, minute int, modules, more string) artifact.File {
	name := "C/Windows/System32/inetsrv/config/applicationHost.config"
	if serial > 0 {
		name = fmt.Sprintf("C/inetpub/history/CFGHISTORY_%010d/applicationHost.config", serial)
	}
	f := artifact.Read(name, []byte("<configuration><system.applicationHost><sites><site name='Shop' id='1'>"+
		"<application path='/'><virtualDirectory path='/' physicalPath='D:\\shop'/></application></site></sites>"+
		"</system.applicationHost><system.webServer><globalModules>"+modules+"</globalModules>"+more+
		"</system.webServer></configuration>"))
	f.ID, f.Modified = id, noon.Add(time.Duration(minute)*time.Minute)
	return *f
}

// TestMakeOf: what files add to what events say.
func TestMakeOf(t *testing.T) {
	const evil, trace = `<add name="Evil" image="C:\evil.dll"/>`, `<add name="Trace" image="C:\trace.dll"/>`
	web := artifact.Read("D/shop/web.config", []byte(`<configuration><system.webServer><modules>`+
		`<add name="M" type="Evil.Module, Evil"/></modules><handlers><add name="H" path="*.x" verb="*" `+
		`type="Evil.Handler"/></handlers></system.webServer></configuration>`))
	web.ID, web.Path, web.Modified = 9, `D:\shop\web.config`, noon
	added := change(10, detection.ModuleAdded, "Trace", `C:\trace.dll`, server)
	later := change(50, detection.ModuleAdded, "Late", `C:\late.dll`, server)
	gone := change(5, detection.ModuleAdded, "Gone", `C:\gone.dll`, server)
	const filter = `<isapiFilters><filter name="F" path="C:\f.dll"/></isapiFilters>`
	const shell = `<handlers><add name="Shell" path="*.x" type="Evil.Handler"/>` +
		`<add name="StaticFile" path="*" modules="StaticFileModule"/></handlers>`
	runs := change(10, detection.HandlerCode, "Shell", "Evil.Handler", server)
	for _, tt := range []struct {
		what    string
		files   []artifact.File
		changes []verdict.Change
		want    string
	}{
		{"one configuration", []artifact.File{config(1, 0, 30, evil, "")}, nil,
			`Evil|C:\evil.dll|native|` + server + `|12:30|12:30|yes|no logged change|unknown`},
		{"its event", []artifact.File{config(1, 0, 30, trace, "")}, []verdict.Change{added},
			`Trace|C:\trace.dll|native|` + server + `|12:10|12:30|yes|CORP\ann|unknown`},
		{"by hand between versions, and gone again", []artifact.File{config(1, 1, 0, trace, ""),
			config(2, 2, 20, trace+evil, ""), config(3, 0, 30, trace, "")}, []verdict.Change{change(-9, detection.ModuleAdded,
			"Trace", `C:\trace.dll`, server), change(40, detection.ModuleAdded, "Other", "", server)},
			`Trace|C:\trace.dll|native|` + server + `|11:51|12:30|yes|CORP\ann|unknown` + "\n" +
				`Other||native|` + server + `|12:40|12:40|yes|CORP\ann|unknown` + "\n" +
				`Evil|C:\evil.dll|native|` + server + `|12:20|12:30|no: no logged change|no logged change|unknown`},
		{"an event after the file", []artifact.File{config(1, 0, 30, "", "")}, []verdict.Change{later},
			`Late|C:\late.dll|native|` + server + `|12:50|12:50|yes|CORP\ann|unknown`},
		{"added, and taken out by hand", []artifact.File{config(1, 0, 30, "", "")}, []verdict.Change{gone},
			`Gone|C:\gone.dll|native|` + server + `|12:05|12:30|no: no logged change|CORP\ann|unknown`},
		{"removed by an event", []artifact.File{config(1, 1, 0, evil, ""), config(2, 0, 30, "", "")},
			[]verdict.Change{change(9, detection.ModuleRemoved, "Evil", "", server)},
			`Evil|C:\evil.dll|native|` + server + `|12:00|12:09|no: CORP\ann|no logged change|unknown`},
		{"a list that was changed as a whole, and it is not there", []artifact.File{config(1, 0, 30, "", "")},
			[]verdict.Change{gone, change(8, detection.ModuleList|detection.ModuleChanged, "", "", server)},
			`Gone|C:\gone.dll|native|` + server + `|12:05|12:30|no: not known|CORP\ann|unknown`},
		{"a filter and its event", []artifact.File{config(1, 1, 0, "", ""), config(2, 0, 30, "", filter)},
			[]verdict.Change{change(10, detection.ISAPIFilter|detection.FilterAdded, "F", "", server),
				change(10, detection.ISAPIFilter, "F", `C:\f.dll`, server)},
			`F|C:\f.dll|filter|` + server + `|12:10|12:30|yes|CORP\ann|unknown`},
		{"a filter by hand, and gone again", []artifact.File{config(1, 1, 0, "", ""), config(2, 2, 20, "", filter),
			config(3, 0, 30, "", "")}, nil,
			`F|C:\f.dll|filter|` + server + `|12:20|12:30|no: no logged change|no logged change|unknown`},
		{"a handler and its event", []artifact.File{config(1, 1, 0, "", ""), config(2, 0, 30, "", shell)},
			[]verdict.Change{change(10, detection.HandlerAdded, "Shell", "", server), runs},
			`Shell|Evil.Handler|handler|` + server + `|12:10|12:30|yes|CORP\ann|unknown`},
		{"a handler whose event names no code", []artifact.File{config(1, 0, 30, "", shell)},
			[]verdict.Change{change(10, detection.HandlerAdded, "Shell", "", server)},
			`Shell|Evil.Handler|handler|` + server + `|12:10|12:30|yes|CORP\ann|unknown`},
		{"a handler by hand, and gone again", []artifact.File{config(1, 1, 0, "", ""), config(2, 2, 20, "", shell),
			config(3, 0, 30, "", "")}, nil,
			`Shell|Evil.Handler|handler|` + server + `|12:20|12:30|no: no logged change|no logged change|unknown`},
		{"a handler that an event removed", []artifact.File{config(1, 1, 0, "", shell), config(2, 0, 30, "", "")},
			[]verdict.Change{change(9, detection.HandlerRemoved, "Shell", "", server)},
			`Shell|Evil.Handler|handler|` + server + `|12:00|12:09|no: CORP\ann|no logged change|unknown`},
		{"of a site", []artifact.File{config(1, 0, 30, "", ""), *web}, nil,
			`M|Evil.Module, Evil|managed|` + server + `/Shop|12:00|12:00|yes|no logged change|unknown` + "\n" +
				`H|Evil.Handler|handler|` + server + `/Shop|12:00|12:00|yes|no logged change|unknown`},
		{"a filter", []artifact.File{config(1, 0, 30, "", filter)}, nil,
			`F|C:\f.dll|filter|` + server + `|12:30|12:30|yes|no logged change|unknown`},
	} {
		h := onfile.Make(tt.files, tt.changes, verdict.Log{})
		var out []string
		for _, m := range ledger.MakeOf(ledger.Sources{Changes: tt.changes, OnFile: h, Files: tt.files}, nil) {
			out = append(out, line(&m))
		}
		if got := strings.Join(out, "\n"); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, got, tt.want)
		}
	}
}
