package verdict_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
)

var night = time.Date(2026, 11, 24, 2, 41, 23, 0, time.UTC)

// change is one of a module at so many seconds from night.
func change(after int, kind detection.Kind, module, image string) verdict.Change {
	return verdict.Change{At: night.Add(time.Duration(after) * time.Second), Event: int64(1000 + after),
		ChangeEvent: detection.ChangeEvent{Kind: kind, Module: module, Image: image, Scope: "MACHINE/WEBROOT/APPHOST",
			By: `CORP\eve`}}
}

// added are the events of one commit that adds a module.
func added(after int, module, image string) []verdict.Change {
	return []verdict.Change{change(after, detection.ModuleAdded, module, ""),
		change(after, detection.ModuleChanged, module, ""), change(after, detection.ModuleImage, module, image),
		change(after+1, detection.ModuleEnabledForSite, module, "")}
}

func logging(after int, on bool) verdict.Change {
	if on {
		return change(after, detection.LoggingChanged|detection.HTTPLoggingOn, "", "")
	}
	return change(after, detection.HTTPLoggingOff, "", "")
}

// said is a change that a command says.
func said(after int, kind detection.Kind, module, image string) verdict.Change {
	c := change(after, kind|detection.FromCommand, module, image)
	c.By, c.Event = `CORP\bob`, c.Event+100_000
	return c
}

func site(c verdict.Change, name string) verdict.Change {
	c.Scope += "/" + name
	return c
}

const httpstrm = `%windir%\System32\inetsrv\httpstrm.dll`

func TestVerdict(t *testing.T) {
	const unsure = detection.Unsure
	for name, c := range map[string]struct {
		changes   []verdict.Change
		gravity   verdict.Gravity
		judgement detection.Judgement // of the first module; "" none
		action    verdict.Action
		sentence  string
	}{
		"nothing": {nil, verdict.None, "", "", "No module or logging change in these logs."},
		"unknown, logging off before": {append(added(0, "HttpStreamCacheModule", httpstrm), logging(-249, false)),
			verdict.Critical, detection.Unknown, verdict.Added,
			`Unknown native module HttpStreamCacheModule added by CORP\eve at 2026-11-24 02:41:23 UTC, image ` + httpstrm +
				`. HTTP logging was switched off 4 min 9 s earlier and is not on again in these logs.`},
		"logging off a day and a second before": {append(added(0, "X", `C:\x.dll`), logging(-86401, false)), verdict.High,
			detection.Unknown, verdict.Added, `Unknown native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, ` +
				`image C:\x.dll. HTTP logging was switched off at 2026-11-23 02:41:22 UTC and is not on again in these logs.`},
		"logging off and on again": {append(added(0, "X", `C:\x.dll`), logging(-60, false), logging(60, true)),
			verdict.Critical, detection.Unknown, verdict.Added, `Unknown native module X added by CORP\eve at ` +
				`2026-11-24 02:41:23 UTC, image C:\x.dll. HTTP logging was switched off 1 min earlier and on again at ` +
				`2026-11-24 02:42:23 UTC.`},
		"unknown": {added(0, "X", `C:\x.dll`), verdict.High, detection.Unknown, verdict.Added,
			`Unknown native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\x.dll.`},
		"managed": {added(0, "X", `Evil.Module, Evil, Version=1.0.0.0`), verdict.High, detection.Unknown, verdict.Added,
			`Unknown managed module X added by CORP\eve at 2026-11-24 02:41:23 UTC, type Evil.Module, Evil, Version=1.0.0.0.`},
		"removed again": {append(added(0, "X", `C:\x.dll`), change(600, detection.ModuleRemoved, "X", "")), verdict.High,
			detection.Unknown, verdict.Added, `Unknown native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, ` +
				`image C:\x.dll. It was removed at 2026-11-24 02:51:23 UTC.`},
		"removed": {[]verdict.Change{change(0, detection.ModuleRemoved, "X", "")}, verdict.Medium, detection.Unknown,
			verdict.Removed, `Unknown module X removed by CORP\eve at 2026-11-24 02:41:23 UTC. No image is in these logs: ` +
				`it is judged by its name.`},
		"classic text": {[]verdict.Change{change(0, detection.ModuleAdded|unsure, "X", ""),
			change(0, detection.ModuleImage|unsure, "X", "")}, verdict.Medium, detection.Unknown, verdict.Unsure,
			`Unknown module X added or removed (the log does not say which) by CORP\eve at 2026-11-24 02:41:23 UTC. ` +
				`No image is in these logs: it is judged by its name.`},
		"own": {added(0, "StaticFileModule", `C:\WINDOWS\SysWOW64\inetsrv\static.dll`), verdict.Low, detection.Own,
			verdict.Added, `IIS's own native module StaticFileModule added by CORP\eve at 2026-11-24 02:41:23 UTC, image ` +
				`C:\WINDOWS\SysWOW64\inetsrv\static.dll.`},
		"own by name": {[]verdict.Change{change(0, detection.ModuleAdded, "staticfilemodule", "")}, verdict.Low,
			detection.Own, verdict.Added, `IIS's own module staticfilemodule added by CORP\eve at ` +
				`2026-11-24 02:41:23 UTC. No image is in these logs: it is judged by its name.`},
		"own name, another own image": {added(0, "RequestFilteringModule", `%SystemRoot%\system32\inetsrv\defdoc.dll`),
			verdict.Critical, detection.Masquerade, verdict.Added, `Native module RequestFilteringModule, a name of IIS's ` +
				`own with another image, added by CORP\eve at 2026-11-24 02:41:23 UTC, image ` +
				`%SystemRoot%\system32\inetsrv\defdoc.dll.`},
		"a product's": {added(0, "exppw", `C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\Owa\auth\EXPPW.dll`),
			verdict.Low, detection.Known, verdict.Added, `Native module exppw of Microsoft Exchange added by CORP\eve at ` +
				`2026-11-24 02:41:23 UTC, image C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\Owa\auth\EXPPW.dll.`},
		"bad": {added(0, "X", `C:\inetpub\iissup.DLL`), verdict.Critical, detection.Bad, verdict.Added,
			`Publicly known malicious native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, image ` +
				`C:\inetpub\iissup.DLL. iissup.dll is named in a report: ESET Group 2, ESET 2021.`},
		"a generic name": {added(0, "X", `C:\x\cache.dll`), verdict.High, detection.Unknown, verdict.Added,
			`Reports name cache.dll`},
		"logging only": {[]verdict.Change{logging(0, false)}, verdict.Medium, "", "",
			`HTTP logging was switched off for all sites by CORP\eve at 2026-11-24 02:41:23 UTC and is not on again in ` +
				`these logs. No module change in these logs.`},
		"logging, unsure": {[]verdict.Change{change(0, detection.LoggingChanged|unsure, "", "")}, verdict.Medium, "", "",
			`HTTP logging was switched on or off for all sites by CORP\eve at 2026-11-24 02:41:23 UTC: the log does not ` +
				`say which. No module change in these logs.`},
		"filter": {[]verdict.Change{change(0, detection.ISAPIFilter, "F", `C:\f.dll`)}, verdict.Medium, detection.Unknown,
			verdict.Changed, `Unknown ISAPI filter F changed by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\f.dll.`},
		"filter added": {[]verdict.Change{change(0, detection.ISAPIFilter|detection.FilterAdded, "F", ""),
			change(0, detection.ISAPIFilter, "F", `C:\f.dll`)}, verdict.Medium, detection.Unknown, verdict.Added,
			`Unknown ISAPI filter F added by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\f.dll.`},
		"filter removed": {[]verdict.Change{change(0, detection.ISAPIFilter|detection.FilterRemoved, "F", "")},
			verdict.Medium, detection.Unknown, verdict.Removed, `Unknown ISAPI filter F removed by CORP\eve`},
		"list of modules": {[]verdict.Change{change(0, detection.ModuleChanged|detection.ModuleList, "", "")},
			verdict.Medium, detection.Unknown, verdict.Unsure, `The list of modules was changed as a whole by CORP\eve at ` +
				`2026-11-24 02:41:23 UTC: the log does not say which modules.`},
		"the gravest first": {append(added(-600, "StaticFileModule", `%windir%\System32\inetsrv\static.dll`),
			added(0, "X", `C:\x.dll`)...), verdict.High, detection.Unknown, verdict.Added,
			`Unknown native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\x.dll. 1 module more changed.`},
		"two images of a name": {append(added(-86400, "X", `%windir%\System32\inetsrv\static.dll`),
			added(0, "X", `C:\x.dll`)...), verdict.High, detection.Unknown, verdict.Added,
			`Unknown native module X added by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\x.dll. Before that it was ` +
				`added at 2026-11-23 02:41:23 UTC with image %windir%\System32\inetsrv\static.dll.`},
		"removed, added again": {append(append(added(0, "X", `C:\x.dll`), change(600, detection.ModuleRemoved, "X", "")),
			added(1200, "X", `C:\x.dll`)...), verdict.High, detection.Unknown, verdict.Added, `Unknown native module X ` +
			`added by CORP\eve at 2026-11-24 02:41:23 UTC, image C:\x.dll. It was removed at 2026-11-24 02:51:23 UTC and ` +
			`added again at 2026-11-24 03:01:23 UTC.`},
		"removed, added again with another image": {append(append(added(0, "X", `C:\x.dll`),
			change(600, detection.ModuleRemoved, "X", "")), added(1200, "X", `C:\y.dll`)...), verdict.High, detection.Unknown,
			verdict.Added, `Unknown native module X added by CORP\eve at 2026-11-24 03:01:23 UTC, image C:\y.dll. Before ` +
				`that it was added at 2026-11-24 02:41:23 UTC with image C:\x.dll, and removed at 2026-11-24 02:51:23 UTC.`},
		"a bad one removed, added again with another image": {append(append(added(0, "X", `C:\iissup.dll`),
			change(600, detection.ModuleRemoved, "X", "")), added(1200, "X", `C:\y.dll`)...), verdict.Critical, detection.Bad,
			verdict.Added, `It was removed at 2026-11-24 02:51:23 UTC, and its name was added again at ` +
				`2026-11-24 03:01:23 UTC with another image, C:\y.dll.`},
		"a command alone": {[]verdict.Change{said(0, detection.ModuleAdded, "X", `C:\x.dll`)}, verdict.High,
			detection.Unknown, verdict.Added, `Unknown native module X added by CORP\bob at 2026-11-24 02:41:23 UTC, image ` +
				`C:\x.dll. A command line says so; the configuration log is not among these logs.`},
		"a command that the log follows": {append(added(2, "X", `C:\x.dll`),
			said(0, detection.ModuleAdded, "X", `C:\x.dll`)), verdict.High, detection.Unknown, verdict.Added,
			`Unknown native module X added by CORP\eve at 2026-11-24 02:41:25 UTC, image C:\x.dll.`},
		"a command, and the log of another module": {append(added(2, "Y", `%windir%\System32\inetsrv\static.dll`),
			said(0, detection.ModuleAdded, "X", `C:\x.dll`)), verdict.High, detection.Unknown, verdict.Added,
			`Unknown native module X added by CORP\bob at 2026-11-24 02:41:23 UTC, image C:\x.dll. A command line says so; ` +
				`the configuration log among these logs does not cover that moment. 1 module more changed.`},
		"a command that the log does not show": {append(added(-60, "Y", `%windir%\System32\inetsrv\static.dll`),
			said(0, detection.ModuleAdded, "X", `C:\x.dll`), change(60, detection.ModuleRemoved, "Y", "")), verdict.High,
			detection.Unknown, verdict.Added, `the configuration log covers that moment and shows no such change.`},
		"the log has it later": {append(added(7200, "X", `C:\x.dll`), said(0, detection.ModuleAdded, "X", `C:\x.dll`)),
			verdict.High, detection.Unknown, verdict.Added, `Unknown native module X added by CORP\eve at ` +
				`2026-11-24 04:41:23 UTC, image C:\x.dll.`},
		"the log has another image later": {append(added(7200, "StaticFileModule",
			`%windir%\System32\inetsrv\static.dll`), said(0, detection.ModuleAdded, "StaticFileModule", `C:\x.dll`)),
			verdict.Critical, detection.Masquerade, verdict.Added, `another image, added by CORP\bob at`},
		"a command removes what the log added": {append(added(0, "X", `C:\x.dll`),
			said(3600, detection.ModuleRemoved, "X", "")), verdict.High, detection.Unknown, verdict.Added,
			`A command line says that it was removed by CORP\bob at 2026-11-24 03:41:23 UTC, which the configuration log ` +
				`here does not show.`},
		"logging off by a command alone": {[]verdict.Change{said(0, detection.HTTPLoggingOff, "", "")}, verdict.Medium, "",
			"", `HTTP logging was switched off for all sites by CORP\bob at 2026-11-24 02:41:23 UTC and is not on again in ` +
				`these logs. A command line says so; the configuration log is not among these logs. No module change in ` +
				`these logs.`},
		"logging off and a module by commands": {[]verdict.Change{said(-600, detection.HTTPLoggingOff, "", ""),
			said(0, detection.ModuleAdded, "X", `C:\x.dll`)}, verdict.Critical, detection.Unknown, verdict.Added,
			`A command line says so; the configuration log is not among these logs. HTTP logging was switched off 10 min ` +
				`earlier and is not on again in these logs. A command line says that, too.`},
		"logging off by a command": {append(added(0, "X", `C:\x.dll`), said(-600, detection.HTTPLoggingOff, "", "")),
			verdict.Critical, detection.Unknown, verdict.Added, `HTTP logging was switched off 10 min earlier and is not on ` +
				`again in these logs. A command line says so; the configuration log among these logs does not cover that moment.`},
		"one command does both": {[]verdict.Change{said(0, detection.HTTPLoggingOff|detection.ModuleAdded, "X", `C:\x.dll`)},
			verdict.Critical, detection.Unknown, verdict.Added, `switched off less than a second earlier`},
		"a command ends nothing that the log says": {append(added(600, "X", `C:\x.dll`), logging(0, false),
			said(120, detection.LoggingChanged|detection.HTTPLoggingOn, "", "")), verdict.Critical, detection.Unknown,
			verdict.Added, `HTTP logging was switched off 10 min earlier and is not on again in these logs.`},
		"named like a bad file": {added(0, "TrafficHandler", `C:\Contoso\bin\contosotraffic.dll`), verdict.High,
			detection.Unknown, verdict.Added, `It is named like TrafficHandler.dll of a report (ESET Group 4 (RGDoor), ESET ` +
				`2021), but a name alone proves nothing.`},
		"a type named like a bad file": {added(0, "TrafficHandler", `Contoso.TrafficHandler`), verdict.High,
			detection.Unknown, verdict.Added, `Unknown managed module TrafficHandler added`},
		"named like a bad file, no image": {[]verdict.Change{change(0, detection.ModuleAdded, "iisddos", "")}, verdict.High,
			detection.Unknown, verdict.Added, `It is named like iisddos.dll of a report`},
		"a listed path": {added(0, "x", `C:\Temp\MSF.dll`), verdict.Critical, detection.Bad, verdict.Added,
			`Publicly known malicious native module x added`},
		"logging of one site": {append(added(0, "X", `C:\x.dll`), site(logging(-7200, false), "Default Web Site")),
			verdict.Critical, detection.Unknown, verdict.Added,
			`HTTP logging was switched off for Default Web Site 2 h earlier and is not on again in these logs.`},
	} {
		t.Run(name, func(t *testing.T) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(c.changes), func(i, j int) {
				c.changes[i], c.changes[j] = c.changes[j], c.changes[i]
			})
			v := verdict.Make(c.changes)
			if v.Gravity != c.gravity {
				t.Errorf("gravity %s, want %s", v.Gravity, c.gravity)
			}
			if v.Sentence != c.sentence && !strings.Contains(v.Sentence, c.sentence) || c.sentence == "" {
				t.Errorf("sentence\n%s\nwant\n%s", v.Sentence, c.sentence)
			}
			if c.judgement == "" {
				if len(v.Modules) > 0 {
					t.Errorf("modules %+v", v.Modules)
				}
				return
			}
			if m := v.Modules[0]; m.Judgement != c.judgement || m.Action != c.action {
				t.Errorf("%s %s, want %s %s", m.Judgement, m.Action, c.judgement, c.action)
			}
		})
	}
}

// TestChainJoins: an event of another log is joined by a whole name, or by seconds
// where it names no other module.
func TestChainJoins(t *testing.T) {
	module := func(name, image string) []detection.CommandModule {
		return []detection.CommandModule{{Name: name, Image: image}}
	}
	for name, c := range map[string]struct {
		before int // seconds
		names  []detection.CommandModule
		says   string
		shared string // "" it is not in the chain
	}{
		"the same module, long before":        {3600, module("zeta", ""), "", "module name"},
		"the same image":                      {3600, module("Other", `%windir%\ZZ.dll`), "", "image"},
		"another module, long before":         {3600, module("Other", `C:\q.dll`), "appcmd Other", ""},
		"another module, at once":             {2, module("Other", `C:\zeta\q.dll`), "appcmd Other", ""},
		"a longer name":                       {3600, module("ZetaPlus", ""), "appcmd ZetaPlus", ""},
		"a command without a module, at once": {2, nil, "appcmd recycle apppool", "within 5 s"},
		"a command without a module":          {60, nil, "appcmd recycle apppool", ""},
		"the file is copied":                  {3600, nil, `copy zz.dll C:\x\zz.dll`, "image"},
		"another file of its name":            {3600, nil, `copy zeta.dll C:\zeta\`, ""},
		"its name in a script":                {3600, nil, `$n = 'Zeta'; Install-It $n`, "module name"},
	} {
		v := verdict.Make(added(0, "Zeta", `C:\x\zz.dll`))
		chain := v.Chain([]verdict.Beside{{At: night.Add(-time.Duration(c.before) * time.Second), Text: "command", Event: 7,
			Names: c.names, Says: []string{c.says}}})
		shared := ""
		for _, l := range chain {
			shared += l.Shared
		}
		if shared != c.shared || len(chain) == 2 != (c.shared != "") {
			t.Errorf("%s: joined by %q, want %q: %+v", name, shared, c.shared, chain)
		}
	}
}

func TestClosedDoesNotRank(t *testing.T) {
	closed := added(0, "X", `C:\x.dll`)
	for i := range closed {
		closed[i].Closed = true
	}
	v := verdict.Make(append(closed, added(60, "StaticFileModule", `%windir%\System32\inetsrv\static.dll`)...))
	if v.Gravity != verdict.Low || v.Modules[0].Name != "StaticFileModule" || !v.Modules[1].Closed {
		t.Errorf("%+v", v)
	}
	closed[2].Closed = false // one finding is open again
	if v = verdict.Make(closed); v.Gravity != verdict.High {
		t.Errorf("%+v", v)
	}
}

// Many changes of one moment and without an image cost no more than they are.
func TestVeryManyChanges(t *testing.T) {
	var all []verdict.Change
	for i := range 20000 {
		all = append(all, change(0, detection.ModuleAdded, "X", ""), change(0, detection.ModuleAdded, fmt.Sprint("Y", i), ""),
			logging(i, i%2 == 1))
	}
	all = append(all, change(7200, detection.ModuleImage, "X", `C:\a.dll`), change(7200, detection.ModuleImage, "X", `C:\b.dll`))
	if v := verdict.Make(all); len(v.Modules) != 20002 || len(v.Off) != 10000 {
		t.Errorf("%d modules, %d times off", len(v.Modules), len(v.Off))
	}
}
