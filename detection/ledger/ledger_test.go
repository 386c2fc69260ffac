package ledger_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/ledger"
	"escutcheon/detection/verdict"
	"escutcheon/internal/samples"
)

const server = "MACHINE/WEBROOT/APPHOST"

var noon = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

// change is one at a minute of the hour that follows noon.
func change(minute int, kind detection.Kind, module, image, scope string) verdict.Change {
	c := verdict.Change{Event: int64(minute) + 1, At: noon.Add(time.Duration(minute) * time.Minute)}
	c.Kind, c.Module, c.Image, c.Scope, c.By = kind, module, image, scope, `CORP\ann`
	return c
}

// line is a row of a ledger in short: what the tests compare.
func line(m *ledger.Module) string {
	return strings.Join([]string{m.Name, m.Image, string(m.Type), strings.Join(m.Scope, "; "), m.First.Format("15:04"),
		m.Last.Format("15:04"), strings.TrimSuffix(string(m.Present)+": "+m.RemovedBy, ": "), m.AddedBy, m.Judged}, "|")
}

func lines(changes ...verdict.Change) string {
	var out []string
	for _, m := range ledger.MakeOf(ledger.Sources{Changes: changes}, nil) {
		out = append(out, line(&m))
	}
	return strings.Join(out, "\n")
}

// TestMake: what the changes of a module come to, whatever their order.
func TestMake(t *testing.T) {
	const image, other, site = `C:\x\evil.dll`, `C:\y\evil.dll`, server + "/shop"
	const (
		added, removed, set = detection.ModuleAdded, detection.ModuleRemoved, detection.ModuleImage
		on, off             = detection.ModuleEnabledForSite, detection.ModuleDisabledForSite
	)
	by := func(c verdict.Change, who string) verdict.Change { c.By = who; return c }
	said := func(c verdict.Change) verdict.Change { c.Kind |= detection.FromCommand; return c }
	unsure := func(c verdict.Change) verdict.Change { c.Kind |= detection.Unsure; return c }
	row := func(cells ...string) string { return strings.Join(cells, "|") }
	for _, tt := range []struct {
		what    string
		changes []verdict.Change
		want    string
	}{
		{"added", []verdict.Change{change(0, added, "Evil", "", server), change(0, set, "Evil", image, server),
			change(0, on, "Evil", "", server)},
			row("Evil", image, "native", server, "12:00", "12:00", "yes", `CORP\ann`, "unknown")},
		{"added and removed", []verdict.Change{change(0, added, "Evil", image, server),
			change(5, removed, "Evil", "", server)},
			row("Evil", image, "native", server, "12:00", "12:05", `no: CORP\ann`, `CORP\ann`, "unknown")},
		{"added, removed, added again", []verdict.Change{change(0, added, "Evil", image, server),
			change(5, removed, "Evil", "", server), by(change(9, added, "Evil", "", server), "bob")},
			row("Evil", image, "native", server, "12:00", "12:09", "yes", `CORP\ann`, "unknown")},
		{"removed, added again, removed by another", []verdict.Change{change(0, added, "Evil", image, server),
			change(5, removed, "Evil", "", server), by(change(9, added, "Evil", "", server), "bob"),
			by(change(20, removed, "Evil", "", server), ""), by(change(20, off, "Evil", "", server), "carl")},
			row("Evil", image, "native", server, "12:00", "12:20", "no: carl", `CORP\ann`, "unknown")},
		{"removed, and what was left of it by another", []verdict.Change{change(0, added, "Evil", image, server),
			change(0, on, "Evil", "", site), change(5, removed, "Evil", "", server), by(change(9, off, "Evil", "", site),
				"bob")}, row("Evil", image, "native", server+"; "+site, "12:00", "12:09", `no: CORP\ann`, `CORP\ann`, "unknown")},
		{"taken from one site, then from another", []verdict.Change{change(0, on, "M", "", site),
			change(0, set, "M", "Evil.Module, Evil", site), change(1, on, "M", "", site+"2"),
			change(1, set, "M", "Evil.Module, Evil", site+"2"), change(5, off, "M", "", site),
			by(change(9, off, "M", "", site+"2"), "bob")},
			row("M", "Evil.Module, Evil", "managed", site+"; "+site+"2", "12:00", "12:09", "no: bob", `CORP\ann`, "unknown")},
		{"removed by nobody that the log names", []verdict.Change{change(0, added, "Evil", image, server),
			by(change(5, removed, "Evil", "", server), "")},
			row("Evil", image, "native", server, "12:00", "12:05", "no: not known", `CORP\ann`, "unknown")},
		{"by its list alone", []verdict.Change{change(0, on, "Evil", "", server), change(5, off, "Evil", "", server)},
			row("Evil", "", "native", server, "12:00", "12:05", `no: CORP\ann`, `CORP\ann`, "unknown")},
		{"only removed", []verdict.Change{change(0, removed, "Evil", "", server)},
			row("Evil", "", "native", server, "12:00", "12:00", `no: CORP\ann`, "no logged change", "unknown")},
		{"taken from one site, which may inherit it", []verdict.Change{change(0, off, "Evil", "", site)},
			row("Evil", "", "native", site, "12:00", "12:00", "unknown", "no logged change", "unknown")},
		{"taken from one site, and the server has it", []verdict.Change{change(0, added, "Evil", image, server),
			change(0, on, "Evil", "", server), change(7, off, "Evil", "", site)},
			row("Evil", image, "native", server, "12:00", "12:07", "yes", `CORP\ann`, "unknown")},
		{"another image", []verdict.Change{change(0, added, "Evil", "", server), change(0, set, "Evil", image, server),
			change(0, on, "Evil", "", server), by(change(9, set, "evil", other, server), "")},
			row("Evil", other, "native", server, "12:09", "12:09", "yes", "not known", "unknown") + "\n" +
				row("Evil", image, "native", server, "12:00", "12:00", "no: not known", `CORP\ann`, "unknown")},
		{"a managed one", []verdict.Change{change(0, on, "M", "", site), change(0, set, "M", "Evil.Module, Evil", site)},
			row("M", "Evil.Module, Evil", "managed", site, "12:00", "12:00", "yes", `CORP\ann`, "unknown")},
		{"its removal says its image away", []verdict.Change{change(0, added, "Evil", image, server),
			change(5, removed, "Evil", "", server), change(5, set, "Evil", "", server),
			change(5, detection.ModuleChanged, "Evil", "", server)},
			row("Evil", image, "native", server, "12:00", "12:05", `no: CORP\ann`, `CORP\ann`, "unknown")},
		{"an attribute of one that is there", []verdict.Change{change(0, detection.ModuleChanged, "Evil", "", server)},
			row("Evil", "", "native", server, "12:00", "12:00", "yes", "no logged change", "unknown")},
		{"operations that are not in the log", []verdict.Change{unsure(change(0, added, "Evil", "", server))},
			row("Evil", "", "native", server, "12:00", "12:00", "unknown", "no logged change", "unknown")},
		{"a command that nothing follows", []verdict.Change{said(change(0, added, "Evil", image, ""))},
			row("Evil", image, "native", "", "12:00", "12:00", "unknown", `CORP\ann`, "unknown")},
		{"the list as a whole, later", []verdict.Change{change(0, added, "Evil", image, server),
			change(5, detection.ModuleList|detection.ModuleChanged, "", "", server)},
			row("Evil", image, "native", server, "12:00", "12:00", "unknown", `CORP\ann`, "unknown")},
		{"the list as a whole, before", []verdict.Change{change(9, added, "Evil", image, server),
			change(5, detection.ModuleList|detection.ModuleChanged, "", "", server)},
			row("Evil", image, "native", server, "12:09", "12:09", "yes", `CORP\ann`, "unknown")},
		{"filters", []verdict.Change{change(0, detection.ISAPIFilter|detection.FilterAdded, "f", "", server),
			change(0, detection.ISAPIFilter, "f", `C:\f.dll`, server),
			change(4, detection.ISAPIFilter|detection.FilterRemoved, "g", "", server)},
			row("f", `C:\f.dll`, "filter", server, "12:00", "12:00", "yes", `CORP\ann`, "unknown") + "\n" +
				row("g", "", "filter", server, "12:04", "12:04", `no: CORP\ann`, "no logged change", "unknown")},
		{"handlers", []verdict.Change{change(0, detection.HandlerAdded, "h", "", site),
			change(0, detection.HandlerCode, "h", "Evil.Handler, Evil", site),
			change(1, detection.HandlerAdded, "static", "", site),
			by(change(5, detection.HandlerRemoved, "h", "", site), "bob"), change(6, added, "h", image, server)},
			row("h", image, "native", server, "12:06", "12:06", "yes", `CORP\ann`, "unknown") + "\n" +
				row("h", "Evil.Handler, Evil", "handler", site, "12:00", "12:05", "no: bob", `CORP\ann`, "unknown")},
		{"the gravest first", []verdict.Change{
			change(0, added, "StaticFileModule", `%windir%\System32\inetsrv\static.dll`, server),
			change(1, added, "A", `C:\a.dll`, server), change(2, added, "RewriteModule", `C:\r.dll`, server),
			change(3, added, "B", `C:\z\IIS-Trojan.dll`, server)},
			row("B", `C:\z\IIS-Trojan.dll`, "native", server, "12:03", "12:03", "yes", `CORP\ann`, "bad") + "\n" +
				row("RewriteModule", `C:\r.dll`, "native", server, "12:02", "12:02", "yes", `CORP\ann`, "posing") + "\n" +
				row("A", `C:\a.dll`, "native", server, "12:01", "12:01", "yes", `CORP\ann`, "unknown") + "\n" +
				row("StaticFileModule", `%windir%\System32\inetsrv\static.dll`, "native", server, "12:00", "12:00", "yes", `CORP\ann`,
					"own")},
	} {
		if got := lines(tt.changes...); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, got, tt.want)
		}
		back := make([]verdict.Change, 0, len(tt.changes))
		for i := len(tt.changes) - 1; i >= 0; i-- {
			c := tt.changes[i]
			c.Event = int64(i) + 1
			back = append(back, c)
		}
		if got := lines(back...); got != tt.want {
			t.Errorf("%s, told backwards:\n%s\nwant\n%s", tt.what, got, tt.want)
		}
	}
}

// TestHashOfImage: a file that is publicly known bad by its hash judges the module that
// loads it, and stands among its evidence.
func TestHashOfImage(t *testing.T) {
	file := change(9, detection.BadFile, "", `c:\WINDOWS\System32\inetsrv\static.dll`, "")
	file.Hash = "00142e46c997fe7051af5667953908cc876268be30d61cd985f6265514639251"
	added := change(0, detection.ModuleAdded, "StaticFileModule", `%windir%\System32\inetsrv\static.dll`, server)
	got := ledger.MakeOf(ledger.Sources{Changes: []verdict.Change{file, added}}, nil)
	if len(got) != 1 || got[0].Judged != ledger.Bad || got[0].Strength != detection.ByHash ||
		got[0].Entry == nil || got[0].Entry.Value != file.Hash || len(got[0].Evidence) != 2 ||
		got[0].Evidence[1].Source != ledger.File {
		t.Errorf("%+v", got)
	}
}

// TestLists judges each entry of the lists as itself: IIS's own with its image, and as
// posing with another; a product's; a bad one as strong as it is listed.
func TestLists(t *testing.T) {
	count := map[string]int{}
	for _, e := range detection.Lists() {
		count[e.List+" "+string(e.Strength)]++
		filter := e.Kind == "filter"
		image, hash := e.Value, ""
		want := map[string]string{detection.OwnList: ledger.Own, detection.KnownList: ledger.Product,
			detection.BadList: ledger.Bad}[e.List]
		switch {
		case e.Strength == detection.ByHash:
			image, hash = `C:\any.dll`, strings.ToUpper(e.Value)
		case e.Weak:
			want = ledger.Unlisted
		}
		if e.Strength == detection.ByName {
			image = `D:\any\` + e.Value
		}
		j := ledger.Judge(e.Name, image, hash, filter, nil)
		if e.Kind == "handler" {
			j = ledger.JudgeHandler(image, []string{hash}, nil)
		}
		strength := e.Strength
		if want != ledger.Bad {
			strength = ""
		}
		if j.Judged != want || j.Strength != strength || j.Entry == nil || j.Reason == "" {
			t.Errorf("%+v: %+v", e, j)
		}
		if e.About == "" {
			t.Errorf("nothing is said of the source %q", e.Source)
		}
		if e.List == detection.BadList && e.Strength == detection.ByHash && !strings.Contains(j.Reason, e.Value) {
			t.Errorf("the reason of %s: %s", e.Value, j.Reason)
		}
		if e.List != detection.OwnList {
			continue
		}
		j = ledger.Judge(strings.ToUpper(e.Name), `C:\other\x.dll`, "", filter, nil)
		if e.Kind == "handler" && detection.IsNative(image) {
			continue
		}
		if e.Kind == "handler" {
			class, _, _ := strings.Cut(e.Value, ",")
			if j = ledger.JudgeHandler(class+", Evil", nil, nil); j.Judged != ledger.Posing {
				t.Errorf("%s in another assembly: %+v", e.Value, j)
			}
			continue
		}
		if j.Judged != ledger.Posing || !strings.Contains(j.Reason, e.Value) {
			t.Errorf("%s with another image: %+v", e.Name, j)
		}
	}
	if count["own "] < 60 || count["known "] < 50 || count["bad hash"] < 700 || count["bad name alone"] < 40 ||
		count["bad name and image"] < 8 {
		t.Errorf("%v", count)
	}
}

// TestJudge: what looks alike is told apart.
func TestJudge(t *testing.T) {
	for _, tt := range []struct{ name, image, want, says string }{
		{"StaticFileModule", `c:\windows\SYSTEM32\inetsrv\Static.dll`, "own", "by name and image"},
		{"StaticFileModule", `%SystemRoot%\SysWOW64\inetsrv\static.dll`, "own", "by name and image"},
		{"staticfilemodule", `%WINDIR%\system32\inetsrv\static.dll`, "own", "by name and image"},
		{"RequestFilteringModule", `%windir%\System32\inetsrv\defreq.dll`, "posing", "modrqflt.dll"},
		{"RequestFilteringModule", `C:\Windows\Temp\modrqflt.dll`, "posing", "modrqflt.dll"},
		{"OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, "bad", "TOLLBOOTH"},
		{"OutputCaching", `D:\shop\caches.dll`, "unknown", "in no list"},
		{"Session", "System.Web.SessionState.SessionStateModule", "own", ""},
		{"Session", "Evil.SessionStateModule, Evil", "posing", "SessionStateModule"},
		{"cache", `D:\shop\cache.dll`, "unknown", "a report names a file"},
		{"ShopTrace", `D:\shop\trace.dll`, "unknown", "says nothing against it"},
		{"ShopTrace", "", "unknown", "no image was seen"},
		{"StaticFileModule", "", "own", "no image was seen"},
	} {
		if j := ledger.Judge(tt.name, tt.image, "", false, nil); j.Judged != tt.want || !strings.Contains(j.Reason, tt.says) {
			t.Errorf("%s %s: %s, %s; want %s with %q", tt.name, tt.image, j.Judged, j.Reason, tt.want, tt.says)
		}
	}
}

// TestCompromised judges the modules of a real compromised server: the planted one is in
// no list, none of the others is bad.
func TestCompromised(t *testing.T) {
	data := samples.IIS(t, "config/qa-355650-compromised-exchange-globalmodules-fragment.xml")
	var got []string
	for _, m := range regexp.MustCompile(`<add name="([^"]*)" image="([^"]*)"`).FindAllStringSubmatch(string(data), -1) {
		got = append(got, m[1]+" "+ledger.Judge(m[1], m[2], "", false, nil).Judged)
	}
	want := "kerbauth known|WSMan own|exppw known|cafe_exppw known|UpData unknown|RewriteModule own"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}
