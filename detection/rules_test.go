package detection_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/importer/sniff"
)

// ruleCases are records of our own that each rule must find, and must not.
var ruleCases = []struct {
	rule   string
	noText bool // classic text has what the rule asks for in its message at most
	hits   []logwriter.Record
	misses []logwriter.Record
}{
	{rule: appcmdModule, noText: true, hits: []logwriter.Record{
		proc4688(inetsrv+"appcmd.exe", `appcmd install module /name:Evil /image:C:\temp\evil.dll`),
		proc4688(inetsrv+"AppCmd.exe",
			`"C:\Windows\System32\inetsrv\APPCMD.EXE"  INSTALL   MODULE /NAME:"Evil" /IMAGE:"C:\temp\evil.dll" /add:true`),
		proc4688(inetsrv+"appcmd.exe", `appcmd.exe add module /name:Evil /type:Evil.Module`),
		proc4688(inetsrv+"appcmd.exe", `appcmd.exe add modules /in`),
		proc4688(inetsrv+"appcmd.exe", `appcmd "install" "module" "/name:Evil" /image:x.dll`),
		proc4688(inetsrv+"appcmd.exe",
			`appcmd set config -section:system.webServer/globalModules /+"[name='Evil',image='C:\temp\evil.dll']" /commit:apphost`),
		proc4688(inetsrv+"appcmd.exe",
			`appcmd set config "Default Web Site" "/section:system.webServer/modules" "/+[name='Evil',type='Evil.Module']"`),
		proc4688(inetsrv+"appcmd.exe",
			`appcmd set config /section:globalModules /[name='UriCacheModule'].image:C:\temp\evil.dll`),
		sysmon1(inetsrv+"appcmd.exe", "appcmd.exe", `appcmd.exe install module /name:Evil /image:C:\temp\evil.dll`),
		sysmon1(`C:\Users\Public\a.exe`, "appcmd.exe", `a.exe install module /name:Evil /image:C:\temp\evil.dll`),
	}, misses: []logwriter.Record{
		proc4688(inetsrv+"appcmd.exe", `appcmd list modules`),
		proc4688(inetsrv+"appcmd.exe", `appcmd uninstall module Evil`),
		proc4688(inetsrv+"appcmd.exe", `appcmd delete module Evil`),
		proc4688(inetsrv+"appcmd.exe", `appcmd add app /site.name:x /path:/install /physicalPath:C:\modules`),
		proc4688(inetsrv+"appcmd.exe",
			`appcmd set config /section:system.webServer/modules /runAllManagedModulesForAllRequests:true`),
		proc4688(`C:\tools\setup.exe`, `setup.exe install module /name:x`),
		sysmon1(`C:\Windows\System32\notepad.exe`, "NOTEPAD.EXE", `notepad install module.txt`),
	}},
	{rule: gacutil, noText: true, hits: []logwriter.Record{
		proc4688(`C:\sdk\gacutil.exe`, `gacutil /i C:\temp\evil.dll`),
		proc4688(`C:\sdk\GACUTIL.EXE`, `"C:\sdk\GACUTIL.EXE" -I evil.dll`),
		proc4688(`C:\sdk\gacutil.exe`, `gacutil /nologo "/if" evil.dll`),
		proc4688(`C:\sdk\gacutil.exe`, `gacutil.exe  /il  list.txt`),
		sysmon1(`C:\temp\g.exe`, "gacutil.exe", `g.exe /ir evil.dll FILEPATH x y`),
	}, misses: []logwriter.Record{
		proc4688(`C:\sdk\gacutil.exe`, `gacutil /l`),
		proc4688(`C:\sdk\gacutil.exe`, `gacutil /u evil`),
		proc4688(`C:\sdk\gacutil.exe`, `gacutil`),
		proc4688(`C:\sdk\other.exe`, `other.exe /i evil.dll`),
	}},
	{rule: psModule, hits: []logwriter.Record{
		script(`New-WebGlobalModule -Name Evil -Image C:\temp\evil.dll`),
		script(`enable-webglobalmodule   -name Evil`),
		script("Import-Module WebAdministration; SET-WEBGLOBALMODULE -Name UriCacheModule -Image x.dll"),
		script("New-Web`GlobalModule -Name Evil -Image x.dll"),
		script(`& ('New-WebGlobal' + 'Module') -Name Evil -Image x.dll`),
		script(`New-WebManagedModule -Name Evil -Type Evil.Module`),
		script(
			`Add-WebConfigurationProperty -PSPath IIS:\ -Filter "system.webServer/globalModules" -Name "." -Value @{name='Evil';image='x.dll'}`),
		script(`Add-WebConfiguration -Filter /system.webServer/modules -Value @{name='Evil';type='Evil.Module'}`),
		script(
			`$c = Get-IISConfigSection "system.webServer/modules" | Get-IISConfigCollection; New-IISConfigCollectionElement $c @{name='Evil'}`),
		scriptPart("# part two\nNew-WebGlobalModule -Name Evil -Image x.dll", "2", "3"),
		core(script(`New-WebGlobalModule -Name Evil -Image x.dll`)),
	}, misses: []logwriter.Record{
		script(`Get-WebGlobalModule | Format-Table`),
		script(`Remove-WebGlobalModule -Name Old`),
		script(
			`Set-WebConfigurationProperty -Filter system.webServer/modules -Name runAllManagedModulesForAllRequests -Value true`),
		script(`Import-Module ActiveDirectory; New-WebServiceProxy http://x/`),
		scriptPart("Get-Website", "1", "3"),
	}},
	{rule: psPublish, hits: []logwriter.Record{
		script(`$p = New-Object System.EnterpriseServices.Internal.Publish`),
		script(`$p.GacInstall("C:\temp\evil.dll")`),
		script(
			`[System.Reflection.Assembly]::Load("System.EnterpriseServices, Version=4.0.0.0"); $p = New-Object "System.EnterpriseServices.Internal.Publish"; $p.gacinstall('x')`),
		script("(New-Object System.Enter`priseServices.Internal.Publish).('Gac'+'Install').Invoke('x')"),
		script(`Add-GacAssembly C:\temp\evil.dll`),
		core(script(`$p.GacInstall('x')`)),
	}, misses: []logwriter.Record{
		script(`(New-Object System.EnterpriseServices.Internal.Publish).GacRemove('old.dll')`),
		script(`[System.EnterpriseServices.ServiceDomain]::Enter($c)`),
		script(`Get-GacAssembly`),
	}},
	{rule: appcmdLogging, noText: true, hits: []logwriter.Record{
		proc4688(inetsrv+"appcmd.exe", `appcmd set config /section:httpLogging /dontLog:true`),
		proc4688(inetsrv+"appcmd.exe",
			`"C:\Windows\System32\inetsrv\appcmd.exe" set config "Default Web Site" -section:system.webServer/httpLogging "/DONTLOG:True" /commit:apphost`),
		proc4688(inetsrv+"appcmd.exe", `appcmd  set  config /section:httpLogging /dontLog:"true"`),
		proc4688(inetsrv+"appcmd.exe", `appcmd set site "Default Web Site" /logFile.enabled:false`),
		proc4688(inetsrv+"appcmd.exe",
			`appcmd set config -section:system.applicationHost/sites "/siteDefaults.logFile.enabled:False"`),
		sysmon1(`C:\temp\a.exe`, "appcmd.exe", `a.exe set config /section:httpLogging /dontLog:true`),
	}, misses: []logwriter.Record{
		proc4688(inetsrv+"appcmd.exe", `appcmd set config /section:httpLogging /dontLog:false`),
		proc4688(inetsrv+"appcmd.exe", `appcmd list config /section:httpLogging`),
		proc4688(inetsrv+"appcmd.exe", `appcmd set site "Default Web Site" /logFile.enabled:true`),
		proc4688(inetsrv+"appcmd.exe", `appcmd set site "Default Web Site" /logFile.directory:D:\logs`),
		proc4688(`C:\Windows\System32\cmd.exe`, `cmd /c echo /dontLog:true`),
	}},
	{rule: psLogging, hits: []logwriter.Record{
		script(
			`Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter "system.webServer/httpLogging" -Name dontLog -Value $true`),
		script(`set-webconfigurationproperty -filter system.webserver/httplogging -value True -name dontlog`),
		script(
			"Set-WebConfigurationProperty -Filter system.webServer/httpLogging `\r\n  -Name 'dont`Log' `\r\n  -Value:$true"),
		script(`Set-WebConfigurationProperty -Filter system.webServer/httpLogging -Name ('dont'+'Log') -v 1`),
		script(
			"$a = @{ Filter = 'system.webServer/httpLogging'\n Name = 'dontLog'\n Value = $true }\nSet-WebConfigurationProperty @a"),
		script(`Set-WebConfiguration system.webServer/httpLogging -Value @{dontLog="true"}`),
		script(`$s.SetAttributeValue("dontLog", $true)`),
		script(`Set-ItemProperty 'IIS:\Sites\Default Web Site' -Name logFile.enabled -Value $false`),
		script(`Set-ItemProperty 'IIS:\Sites\Default Web Site' -Value false -Name logFile.enabled`),
		script(
			`Set-WebConfigurationProperty '/system.applicationHost/sites/siteDefaults/logFile' -Name enabled -Value "False"`),
		script(`$site.LogFile.Enabled = $false`),
		scriptPart(`Set-WebConfigurationProperty -Filter system.webServer/httpLogging -Name dontLog -Value $true`, "3", "3"),
		core(script(`$site.LogFile.Enabled=$false`)),
	}, misses: []logwriter.Record{
		script(`Set-WebConfigurationProperty -Filter system.webServer/httpLogging -Name dontLog -Value $false`),
		script(
			`Set-WebConfigurationProperty -PSPath 'IIS:\Sites\Site 1' -Filter system.webServer/httpLogging -Name dontLog -Value $false`),
		script(`Get-WebConfigurationProperty -Filter system.webServer/httpLogging -Name dontLog; $ok = $true`),
		script(`Set-ItemProperty 'IIS:\Sites\x' -Name logFile.directory -Value D:\logs; $x.Enabled = $false`),
		script(`Set-ItemProperty 'IIS:\Sites\x' -Name logFile.enabled -Value $true`),
		script(`Start-Transcript $logFile; $verbose = $false`),
	}},
	{rule: moduleFailed, hits: []logwriter.Record{
		failed2282("Microsoft-Windows-IIS-W3SVC-WP", `C:\temp\msf.dll`),
		failed2282("W3SVC-WP", `C:\Program Files\Vendor's\x.dll`),
	}, misses: []logwriter.Record{
		logwriter.Application("Microsoft-Windows-IIS-W3SVC-WP", 2281, logwriter.LevelError, "x"),
		logwriter.Application("Another Service", 2282, logwriter.LevelError, "The backup has ended."),
	}},
	{rule: viewForged, hits: []logwriter.Record{
		viewState("ASP.NET 4.0.30319.0", "Viewstate was invalid.", "50204"),
		viewState("ASP.NET 2.0.50727.0", "Viewstate was invalid.", "50204"),
		viewState("ASP.NET 4.0.30319.0", "Der Viewstate war ungültig.", "50204"),
	}, misses: []logwriter.Record{
		viewState("ASP.NET 4.0.30319.0", "The viewstate supplied failed integrity check.", "50203"),
		viewState("Another Service", "Viewstate was invalid.", "50204"),
		logwriter.Application("ASP.NET 4.0.30319.0", 1309, logwriter.LevelWarning, "4009 50204 Viewstate was invalid."),
	}},
	{rule: loggingOff, noText: true, hits: []logwriter.Record{
		changed("/system.webServer/httpLogging/@dontLog", logwriter.EditModify, "false", "true"),
		changed("/system.webServer/httpLogging/@dontLog", logwriter.EditAdd, "", "True"),
		changed(`/system.applicationHost/sites/site[@name="Default Web Site" and @id="1"]/logFile/@enabled`,
			logwriter.EditModify, "true", "false"),
		changed("/system.applicationHost/sites/siteDefaults/logFile/@enabled", logwriter.EditModify, "true", "false"),
	}, misses: []logwriter.Record{
		changed("/system.webServer/httpLogging/@dontLog", logwriter.EditModify, "true", "false"),
		changed("/system.webServer/httpLogging/@selectiveLogging", logwriter.EditModify, "LogAll", "LogError"),
		changed("/system.applicationHost/sites/siteDefaults/traceFailedRequestsLogging/@enabled", logwriter.EditModify,
			"true", "false"),
		logwriter.IISFailed(logwriter.Change{Path: "/system.webServer/httpLogging/@dontLog", Edit: logwriter.EditModify,
			After: "true"}),
	}},
	{rule: etwRemoved, noText: true, hits: []logwriter.Record{
		changed("/system.applicationHost/sites/siteDefaults/logFile/@logTargetW3C", logwriter.EditModify, "File,ETW", "File"),
		changed(`/system.applicationHost/sites/site[@name="x" and @id="1"]/logFile/@logTargetW3C`, logwriter.EditDelete,
			"ETW", ""),
	}, misses: []logwriter.Record{
		changed("/system.applicationHost/sites/siteDefaults/logFile/@logTargetW3C", logwriter.EditModify, "File", "File,ETW"),
		changed("/system.applicationHost/sites/siteDefaults/logFile/@logTargetW3C", logwriter.EditModify, "ETW", "File,ETW"),
		changed("/system.applicationHost/sites/siteDefaults/logFile/@logFormat", logwriter.EditModify, "W3C", "IIS"),
	}},
	{rule: moduleRemoved, noText: true, hits: []logwriter.Record{
		changed(`/system.webServer/globalModules/add[@name="RequestFilteringModule"]`, logwriter.EditDelete, "", ""),
		changed(`/system.webServer/modules/add[@name="RequestFilteringModule"]`, logwriter.EditDelete, "", ""),
		changed(`/system.webServer/modules/remove[@name="UrlRewrite]/x"]`, logwriter.EditAdd, "", ""),
	}, misses: []logwriter.Record{
		changed(`/system.webServer/globalModules/add[@name="Evil"]`, logwriter.EditAdd, "", ""),
		changed(`/system.webServer/modules/remove[@name="UrlRewrite"]`, logwriter.EditDelete, "", ""),
		changed(`/system.webServer/modules/add[@name="X"]/@name`, logwriter.EditDelete, "", ""),
		changed(`/system.webServer/handlers/add[@name="X"]`, logwriter.EditDelete, "", ""),
		logwriter.IISFailed(logwriter.Change{Path: `/system.webServer/modules/add[@name="X"]`, Edit: logwriter.EditDelete}),
	}},
}

// TestRules: each record alone, in every format, makes one row of the rule or
// none; the prefilter lets none of the hits slip; a miss makes no row of any
// of these rules.
func TestRules(t *testing.T) {
	set := builtIn(t)
	rules := set.InForce(nil)
	for _, tt := range ruleCases {
		r := ruleOf(t, set, tt.rule)
		number := slices.Index(set.Rules, r)
		for format := range formats {
			if format == sniff.SplunkText && tt.noText {
				continue
			}
			for i, rec := range tt.hits {
				e := decode(t, format, rec)
				rows := rowsOf(r, e)
				if len(rows) != 1 {
					t.Errorf("%s, %s: hit %d makes %d rows\n%s", r.Name, format, i, len(rows), e.Raw)
					continue
				}
				if !slices.Contains(rules.Candidates(e, nil), number) {
					t.Errorf("%s, %s: the prefilter leaves hit %d out", r.Name, format, i)
				}
				checkRisk(t, r, e)
			}
			for i, rec := range tt.misses {
				e := decode(t, format, rec)
				if rows := rowsOf(r, e); len(rows) != 0 {
					t.Errorf("%s, %s: miss %d makes %v", r.Name, format, i, rows)
				}
			}
		}
	}
}

// checkRisk: a hit raises the rule's score on the host, with a message that is
// filled in.
func checkRisk(t *testing.T, r *detection.Rule, e spl.Event) {
	t.Helper()
	for _, risk := range riskOf(r, e) {
		if strings.Contains(risk.Message, "$dest$") || strings.Contains(risk.Message, "$user$") ||
			strings.Contains(risk.Message, "$process$") {
			t.Errorf("%s: the message %q is not filled in", r.Name, risk.Message)
		}
		if risk.ObjectType == "system" && risk.RiskObject == "web01.corp.example" &&
			risk.Score == r.RBA.RiskObjects[0].Score {
			return
		}
	}
	t.Errorf("%s: no risk for the host in %+v", r.Name, riskOf(r, e))
}

// riskOf is the risk that one event alone raises.
func riskOf(r *detection.Rule, e spl.Event) []detection.RiskEvent {
	key, _ := r.Plan().Key(e)
	s := r.Plan().New()
	s.Add(e)
	return r.RiskEvents(key, s, detection.WindowOf(e.Time().Unix()))
}

// TestModulesListed: the inventory lists modules and raises no risk.
func TestModulesListed(t *testing.T) {
	r := ruleOf(t, builtIn(t), modulesListed)
	listed := func(fields ...string) spl.Map {
		m := spl.Map{"sourcetype": "Pwsh:InstalledIISModules", "ComputerName": "WEB01", "_time": "1772452800"}
		for i := 0; i < len(fields); i += 2 {
			m[fields[i]] = fields[i+1]
		}
		return m
	}
	rows := rowsOf(r, listed("name", "Evil", "image", `C:\temp\evil.dll`), listed("Name", "UriCacheModule"),
		listed("Schema", "x"), spl.Map{"ComputerName": "WEB01", "name": "x", "image": "y", "_time": "1"})
	if len(rows) != 2 || rows[0].List("module")[0] != "Evil" || rows[1].List("image")[0] != "unknown" {
		t.Errorf("%v", rows)
	}
	if risk := riskOf(r, listed("name", "Evil", "image", "x")); risk != nil {
		t.Errorf("%v", risk)
	}
}

// TestModuleRemovedText: classic text does not say what was done, so only an
// entry that is named remove counts.
func TestModuleRemovedText(t *testing.T) {
	r := ruleOf(t, builtIn(t), moduleRemoved)
	for path, want := range map[string]int{
		`/system.webServer/modules/remove[@name="UrlRewrite"]`:    1,
		`/system.webServer/modules/add[@name="X"]`:                0,
		`/system.webServer/globalModules/add[@name="X"]`:          0,
		`/system.webServer/modules/remove[@name="it's' at 'x"]`:   1,
		`/system.webServer/modules/remove[@name="UrlRewrite"]/@x`: 0,
	} {
		e := decode(t, sniff.SplunkText, changed(path, logwriter.EditAdd, "", ""))
		if rows := rowsOf(r, e); len(rows) != want {
			t.Errorf("%s: %v", path, rows)
		} else if want == 1 {
			if at, _ := rows[0].Get("ConfigPath"); at != logwriter.AppHost {
				t.Errorf("%s: at %q", path, at)
			}
		}
	}
}

// TestBuiltInRules: the ids, types and scores are those of the public
// detections; what all rules have in common.
func TestBuiltInRules(t *testing.T) {
	set := builtIn(t)
	if len(set.Rules) != builtInCount || set.Rules[0].ID != detection.SeedID || len(set.Refused)+len(set.Problems) != 0 {
		t.Fatalf("%d rules, %v, %v", len(set.Rules), set.Refused, set.Problems)
	}
	want := map[string]struct {
		kind  string
		score int
	}{
		appcmdModule: {"Anomaly", 64}, gacutil: {"TTP", 49}, psModule: {"Anomaly", 64}, psPublish: {"TTP", 64},
		appcmdLogging: {"TTP", 64},
		psLogging:     {"TTP", 64}, moduleFailed: {"Anomaly", 25}, modulesListed: {"Hunting", 1},
		detection.SeedID: {"TTP", 50}, viewForged: {"TTP", 64}, viewRefused: {"Hunting", 1}, staticPost: {"Anomaly", 36},
		publishedDoor: {"TTP", 80}, toolPane: {"TTP", 80},
	}
	ids := map[string]bool{}
	for _, r := range set.Rules {
		if w, ok := want[r.ID]; ok && (r.Type != w.kind || r.RBA.RiskObjects[0].Score != w.score) {
			t.Errorf("%s: %s, %d", r.Name, r.Type, r.RBA.RiskObjects[0].Score)
		}
		delete(want, r.ID)
		if ids[r.ID] || !slices.Contains(r.Tags.AnalyticStory, "IIS Components") || len(r.Tactics()) == 0 ||
			len(r.Warnings) != 0 ||
			len(r.Drilldowns) == 0 || r.KnownFalsePositives == "" || r.HowToImplement == "" || len(r.References) == 0 ||
			r.FilterMacro() == "" {
			t.Errorf("%s: %+v", r.Name, r)
		}
		if r.ID != detection.SeedID && r.Author != "Escutcheon" {
			t.Errorf("%s is by %q", r.Name, r.Author)
		}
		ids[r.ID] = true
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}
}
