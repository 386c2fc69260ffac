package detection_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/event"
)

// said is an event of a command, and of a script with script.
func said(script bool, text string, more ...event.Field) *event.Event {
	e := &event.Event{EventCode: 4688, Channel: event.Security, RecordNumber: event.None}
	if script {
		e.EventCode, e.Channel = 4104, "Microsoft-Windows-PowerShell/Operational"
		e.Add("ScriptBlockText", text)
		e.Add("Sid", "S-1-5-18")
	} else {
		e.Add("CommandLine", text)
		e.Add("SubjectUserName", "eve")
		e.Add("SubjectDomainName", "CORP")
	}
	e.Fields = append(e.Fields, more...)
	return e
}

func TestChangeOfACommand(t *testing.T) {
	const (
		added   = detection.ModuleAdded
		enabled = detection.ModuleEnabledForSite
	)
	for name, c := range map[string]struct {
		script        bool
		text          string
		kind          detection.Kind // 0: it says nothing
		module, image string
	}{
		"installed": {false, `"C:\Windows\system32\inetsrv\APPCMD.EXE" install module /name:Evil ` +
			`/image:"%windir%\System32\inetsrv\my evil.dll" /add:true`, added, "Evil", `%windir%\System32\inetsrv\my evil.dll`},
		"quoted whole": {false, `appcmd install module "/name:My Evil" -image:C:\x.dll`,
			added, "My Evil", `C:\x.dll`},
		"within cmd": {false, `cmd.exe /c "cd \ & appcmd install module /name:Evil /image:C:\x.dll"`, added, "Evil",
			`C:\x.dll`},
		"added to a site": {false, `appcmd add module /name:M /type:"A.B, C" /app.name:"Site/"`,
			enabled, "M", "A.B, C"},
		"uninstalled": {false, `appcmd uninstall module Evil`, detection.ModuleRemoved, "Evil", ""},
		"deleted": {false, `appcmd.exe delete module "Evil"`,
			detection.ModuleDisabledForSite, "Evil", ""},
		"into the section": {false, `appcmd set config /section:globalModules /+"[name='Evil',image='C:\x y.dll']"`,
			added, "Evil", `C:\x y.dll`},
		"the whole section": {false, `appcmd set config -section:system.webServer/globalModules ` +
			`"/+[name='E',image='C:\x.dll',preCondition='bitness64']" /commit:apphost`, added, "E", `C:\x.dll`},
		"out of the section": {false, `appcmd set config /section:modules /-[name='E']`,
			detection.ModuleDisabledForSite, "E", ""},
		"an image": {false, `appcmd set config /section:globalModules /[name='E'].image:C:\x.dll`,
			detection.ModuleImage, "E", `C:\x.dll`},
		"listed":          {false, `appcmd list modules`, 0, "", ""},
		"another section": {false, `appcmd set config /section:caching /enabled:false`, 0, "", ""},
		"logging off": {false, `appcmd set config /section:httpLogging /dontLog:true`, detection.HTTPLoggingOff,
			"", ""},
		"logging on": {false, `cmd /c "appcmd set config -section:httpLogging -dontLog:False"`,
			detection.LoggingChanged | detection.HTTPLoggingOn, "", ""},
		"logging of a site": {false, `appcmd set site "Default Web Site" /logFile.enabled:false`, detection.HTTPLoggingOff,
			"", ""},
		"logging listed": {false, `appcmd list config /section:httpLogging`, 0, "", ""},
		"logging spoken of": {false, `cmd /c echo appcmd set config /section:httpLogging /dontLog:true`,
			0, "", ""},
		"logging off, a module in": {false, `cmd /c "appcmd set config /section:httpLogging /dontLog:true & ` +
			`appcmd install module /name:Evil /image:C:\x.dll"`, added | detection.HTTPLoggingOff, "Evil", `C:\x.dll`},
		"logging by a cmdlet": {true, `Set-WebConfigurationProperty -Filter system.webServer/httpLogging -Name dontLog ` +
			`-Value $true`, detection.HTTPLoggingOff, "", ""},
		"logging of all sites by a cmdlet": {true, `Set-WebConfigurationProperty -Filter ` +
			`system.applicationHost/sites/siteDefaults -Name logFile.enabled -Value False`, detection.HTTPLoggingOff, "", ""},
		"logging on by a cmdlet": {true, `Set-ItemProperty 'IIS:\Sites\Shop' -Name logFile.enabled -Value $true`,
			detection.LoggingChanged | detection.HTTPLoggingOn, "", ""},
		"logging asked for": {true, `(Get-WebConfigurationProperty -Filter x -Name dontLog).Value -eq $true`,
			0, "", ""},
		"logging commented out": {true, "# Set-WebConfigurationProperty -Filter x -Name dontLog -Value true",
			0, "", ""},
		"spoken of": {false, `cmd /c echo appcmd install module /name:Evil /image:C:\x.dll`,
			0, "", ""},
		"searched for": {false, `findstr /s "appcmd install module /name:Evil" *.bat`, 0, "", ""},
		"on another host": {false, `psexec \\web2 appcmd install module /name:Evil /image:C:\x.dll`,
			0, "", ""},
		"a cmdlet": {true, `New-WebGlobalModule -Name 'Evil' -Image "$env:windir\System32\x.dll"`,
			added, "Evil", `%windir%\System32\x.dll`},
		"by place": {true, "Import-Module WebAdministration; new-webglobalmodule Evil C:\\x.dll",
			added, "Evil", `C:\x.dll`},
		"over lines": {true, "if ($true) {\n  $m = New-WebGlobalModule `\r\n    -N Evil `\n  -Im:'C:\\x.dll'\n}",
			added, "Evil", `C:\x.dll`},
		"in a command line": {false, `powershell -c "Enable-WebGlobalModule -Name Evil"`, enabled, "Evil", ""},
		"managed": {true, `New-WebManagedModule -Name M -Type "A.B, C" -PSPath IIS:\Sites\x`,
			enabled, "M", "A.B, C"},
		"removed first": {true, "Remove-WebGlobalModule -Name Evil\nNew-WebGlobalModule -Name Evil -Image C:\\x.dll",
			added, "Evil", `C:\x.dll`},
		"an image that only the script knows": {true, `New-WebGlobalModule -Name Evil -Image $dll`,
			added, "Evil", ""},
		"a name that only the script knows": {true, `New-WebGlobalModule -Name $name -Image C:\x.dll`,
			0, "", ""},
		"commented out": {true, "# New-WebGlobalModule -Name Evil -Image C:\\x.dll",
			0, "", ""},
		"help": {true, `Get-Help New-WebGlobalModule -Name Evil`, 0, "", ""},
		"elsewhere": {true, `Invoke-Command -ComputerName w2 { New-WebGlobalModule -Name Evil -Image C:\x.dll }`,
			0, "", ""},
		"into the configuration": {true, `Add-WebConfigurationProperty -PSPath IIS:\ -Filter ` +
			`system.webServer/globalModules -Name . -Value @{name='Evil';image='C:\x.dll'}`, added, "Evil", `C:\x.dll`},
		"an open quote": {false, `appcmd install module /name:"Evil`, added, "Evil", ""},
		"nothing":       {false, "", 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := detection.ChangeEventOf(said(c.script, c.text))
			if ok != (c.kind != 0) {
				t.Fatalf("%v: %+v", ok, got)
			}
			by := `CORP\eve`
			if c.script {
				by = "S-1-5-18"
			}
			want := detection.ChangeEvent{Kind: c.kind | detection.FromCommand, Module: c.module, Image: c.image, By: by}
			if got.Scope = ""; ok && got != want {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestScopeOfACommand: what part of the server a command is about.
func TestScopeOfACommand(t *testing.T) {
	for text, scope := range map[string]string{
		`appcmd set config /section:httpLogging /dontLog:true`:                                          "",
		`appcmd set config "Default Web Site" /section:httpLogging /dontLog:true`:                       "Default Web Site",
		`appcmd set site "Shop" /logFile.enabled:false`:                                                 "Shop",
		`appcmd set site /site.name:Shop /logFile.enabled:false`:                                        "Shop",
		`appcmd set config /section:sites "/[name='My Shop'].logFile.enabled:false"`:                    "My Shop",
		`appcmd set config /section:sites /siteDefaults.logFile.enabled:false`:                          "",
		`powershell Set-ItemProperty 'IIS:\Sites\My Shop' -Name logFile.enabled -Value $false`:          "My Shop",
		`powershell Set-WebConfigurationProperty -PSPath IIS:\ -Filter httpLogging dontLog -Value true`: "",
	} {
		c, ok := detection.ChangeEventOf(said(false, text))
		if !ok || c.Kind&detection.HTTPLoggingOff == 0 || c.Scope != scope {
			t.Errorf("%s: %v, %+v", text, ok, c)
		}
	}
}

// A copy of appcmd is known by the name in its resources, to Sysmon.
func TestChangeOfARenamedCommand(t *testing.T) {
	e := &event.Event{EventCode: 1, Channel: event.Sysmon}
	e.Add("CommandLine", `c:\temp\a.exe install module /name:Evil /image:c:\temp\x.dll`)
	if _, ok := detection.ChangeEventOf(e); ok {
		t.Error("any program's words are taken for appcmd's")
	}
	e.Add("OriginalFileName", "appcmd.exe")
	e.Add("User", `NT AUTHORITY\SYSTEM`)
	if c, ok := detection.ChangeEventOf(e); !ok || c.Module != "Evil" || c.By != `NT AUTHORITY\SYSTEM` {
		t.Errorf("%+v", c)
	}
}

func TestBadFile(t *testing.T) {
	const bad = "00142e46c997fe7051af5667953908cc876268be30d61cd985f6265514639251"
	load := func(hashes string) *event.Event {
		e := &event.Event{EventCode: 7, Channel: event.Sysmon}
		e.Add("Image", `C:\Windows\System32\inetsrv\w3wp.exe`)
		e.Add("ImageLoaded", `C:\inetpub\x.dll`)
		e.Add("Hashes", hashes)
		return e
	}
	for name, c := range map[string]struct{ hashes, hash string }{
		"SHA-256": {"MD5=00,SHA256=" + strings.ToUpper(bad) + ",IMPHASH=00", bad},
		"SHA-1":   {"SHA1=1176B51814B59526B02AA7F3C88334A0256D0370", "1176b51814b59526b02aa7f3c88334a0256d0370"},
		"alone":   {"SHA256=" + bad, bad},
		"good":    {"SHA256=" + strings.Repeat("0", 64), ""},
		"no hex":  {"SHA256=" + strings.Repeat("\x10", 64), ""},
		"none":    {"", ""},
		"another": {"IMPHASH=" + bad[:32], ""},
	} {
		c2, ok := detection.ChangeEventOf(load(c.hashes))
		is := c2.Kind == detection.BadFile // else it is told as a load, of the ledger alone
		if !ok || is != (c.hash != "") || !is && c2.Kind != detection.ImageLoaded ||
			is && (c2.Hash != c.hash || c2.Image != `C:\inetpub\x.dll`) {
			t.Errorf("%s: %v %+v", name, ok, c2)
		}
	}
	if b := detection.LookupBadHash(bad); b == nil || b.Family != "FakeImage" || b.Hash != "SHA-256" || b.Source == "" {
		t.Errorf("%+v", b)
	}
}
