package detection_test

import (
	"fmt"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

func full(conf, op, old, new string) spl.Map {
	return spl.Map{"Configuration": conf, "ConfigPath": "MACHINE/WEBROOT/APPHOST", "EditOperationType": op,
		"OldValue": old, "NewValue": new}
}

func message(conf, at string) spl.Map {
	return spl.Map{"Message": "Changes to '" + conf + "' at '" + at + "' have successfully been committed."}
}

func TestChangeOf(t *testing.T) {
	const gm, m = `/system.webServer/globalModules/`, `/system.webServer/modules/`
	for _, tt := range []struct {
		in     spl.Map
		kind   detection.Kind
		module string
	}{
		{full(gm+`add[@name="X"]`, "1", "", ""), detection.ModuleAdded, "X"},
		{full(gm+`add[@name="X"]`, "2", "", ""), detection.ModuleRemoved, "X"},
		{full(gm+`add[@name="X"]`, "3", "", ""), detection.ModuleChanged, "X"},
		{full(gm+`remove[@name="X"]`, "1", "", ""), detection.ModuleRemoved, "X"},
		{full(gm+`add[@name="X"]/@name`, "1", "", "X"), detection.ModuleChanged, "X"},
		{full(gm+`add[@name="X"]/@preCondition`, "3", "", "bitness64"), detection.ModuleChanged, "X"},
		{full(gm+`add[@name="X"]/@image`, "1", "", `c:\x.dll`), detection.ModuleImage, "X"},
		{full(gm+`add[@name="UriCacheModule"]/@image`, "3", "", `%windir%\System32\inetsrv\cachuri.dll`),
			detection.ModuleImage | detection.OwnModule, "UriCacheModule"},
		{full(gm+`add[@name="UriCacheModule"]/@image`, "3", "", `C:\Windows\Temp\cachuri.dll`),
			detection.ModuleImage | detection.OwnModule | detection.ForeignImage, "UriCacheModule"},
		{full(gm+`add[@name="UriCacheModule"]/@image`, "3", "", ``), detection.ModuleImage | detection.OwnModule,
			"UriCacheModule"},
		{full(gm+`add[@name="X"]/@image`, "1", "", `C:\x\IISpy\..\iis7_64.dll`),
			detection.ModuleImage | detection.KnownBadName, "X"},
		{full(gm+`add[@name="IIS-Raid-Backdoor"]`, "1", "", ""), detection.ModuleAdded | detection.KnownBadName,
			"IIS-Raid-Backdoor"},
		{full(gm+`add[@name="ManagedEngine64"]`, "1", "", ""), detection.ModuleAdded | detection.OwnModule,
			"ManagedEngine64"},
		{full(gm+`add[@name="ManagedEngine64"]/@image`, "1", "", `C:\ProgramData\Microsoft\DRM\log\ManagedEngine64.dll`),
			detection.ModuleImage | detection.OwnModule | detection.ForeignImage | detection.KnownBadName, "ManagedEngine64"},
		{full(m+`add[@name="X"]`, "1", "", ""), detection.ModuleEnabledForSite, "X"},
		{full(m+`add[@name="X"]`, "2", "", ""), detection.ModuleDisabledForSite, "X"},
		{full(m+`add[@name="Session"]/@type`, "1", "", "System.Web.SessionState.SessionStateModule"),
			detection.ModuleImage | detection.OwnModule, "Session"},
		{full(m+`add[@name="Session"]/@type`, "1", "", "Evil.Module, Evil"),
			detection.ModuleImage | detection.OwnModule | detection.ForeignImage, "Session"},
		{full(m+`remove[@name="X"]`, "1", "", ""), detection.ModuleDisabledForSite, "X"},
		{full(m+`remove[@name="X"]`, "2", "", ""), detection.ModuleEnabledForSite, "X"},
		{full(m+`clear`, "1", "", ""), detection.ModuleChanged, ""},
		{full(`/system.webServer/modules/@runAllManagedModulesForAllRequests`, "3", "", "true"), detection.ModuleChanged, ""},
		{full(`/system.webServer/globalModules`, "2", "", ""), detection.ModuleChanged, ""},
		{full(`/system.applicationHost/globalModules/add[@name="X"]`, "1", "", ""), detection.OtherChange, ""},
		{full(`/system.webServer/httpLogging/@dontLog`, "3", "false", "true"), detection.HTTPLoggingOff, ""},
		{full(`/system.webServer/httpLogging/@dontLog`, "2", "true", ""), detection.LoggingChanged, ""},
		{full(`/system.webServer/httpLogging/@dontLog`, "3", "true", "false"), detection.LoggingChanged, ""},
		{full(`/system.applicationHost/sites/siteDefaults/logFile/@logTargetW3C`, "3", "File,ETW", "File"),
			detection.ETWTargetRemoved, ""},
		{full(`/system.applicationHost/sites/siteDefaults/logFile/@logTargetW3C`, "3", "File", "File,ETW"),
			detection.LoggingChanged, ""},
		{full(`/system.applicationHost/sites/site[@name="A" and @id="1"]/logFile/@enabled`, "3", "true", "false"),
			detection.HTTPLoggingOff, ""},
		{full(`/system.applicationHost/sites/siteDefaults/logFile/@logFormat`, "1", "W3C", "IIS"), detection.LoggingChanged,
			""},
		{full(`/system.webServer/isapiFilters/filter[@name="f"]/@path`, "1", "", `c:\x\owaauth.dll`),
			detection.ISAPIFilter | detection.KnownBadName, ""},
		{full(`/system.web/customErrors/error[@statusCode="404"]`, "1", "", ""), detection.OtherChange, ""},
		{full(``, "1", "", ""), detection.OtherChange, ""},
		// names that try to look like the end of the path
		{full(gm+`add[@name="a/b]/@image"]`, "1", "", ""), detection.ModuleAdded, "a/b]/@image"},
		{full(gm+`add[@name="RGDoor & &quot;Co&quot;"]`, "1", "", ""), detection.ModuleAdded, "RGDoor & &quot;Co&quot;"},
		{full(gm+`add[@name="say "hi" x"]`, "1", "", ""), detection.ModuleAdded, `say "hi" x`},
		{full(gm+`add[@name='it"s']`, "1", "", ""), detection.ModuleAdded, `it"s`},
		{full(gm+`add[@name="isapi<x>"]/@image`, "1", "", ""), detection.ModuleImage, "isapi<x>"},
		{full(gm+`add[@name="open`, "1", "", ""), detection.ModuleAdded, "open"},
		// only the message
		{message(gm+`add[@name="X"]`, "MACHINE/WEBROOT/APPHOST"), detection.ModuleAdded | detection.Unsure, "X"},
		{message(gm+`add[@name="X"]/@image`, "MACHINE/WEBROOT/APPHOST"), detection.ModuleImage | detection.Unsure, "X"},
		{message(m+`remove[@name="X"]`, "MACHINE/WEBROOT/APPHOST/Default Web Site"),
			detection.ModuleDisabledForSite | detection.Unsure, "X"},
		{message(`/system.webServer/httpLogging/@dontLog`, "MACHINE/WEBROOT/APPHOST"),
			detection.LoggingChanged | detection.Unsure, ""},
		{message(gm+`add[@name="it's' at 'me"]`, "MACHINE/WEBROOT/APPHOST/Backup's site"),
			detection.ModuleAdded | detection.Unsure, "it's' at 'me"},
	} {
		c, ok := detection.ChangeOf(tt.in)
		if !ok || c.Kind != tt.kind || c.Module != tt.module {
			t.Errorf("%v:\n got %v, module %q\nwant %v, module %q", tt.in, c.Kind, c.Module, tt.kind, tt.module)
		}
	}
	for _, in := range []spl.Map{{}, {"Message": "A commit operation has completed."},
		{"Message": "Changes to 'x' have successfully been committed."},
		{"Message": "Changes to '' at 'x"}} {
		if c, ok := detection.ChangeOf(in); ok {
			t.Errorf("%v: %+v", in, c)
		}
	}
}

func TestKnownBad(t *testing.T) {
	for name, family := range map[string]string{
		`authmd4.dll`: "ESET Group 1 (IIS-Raid derivates)", `C:\x\AUTHMD4.DLL`: "ESET Group 1 (IIS-Raid derivates)",
		"authmd4": "ESET Group 1 (IIS-Raid derivates)",
		`%windir%\System32\inetsrv\SessionManager.dll`:   "SessionManager",
		`c:\windows\system32\inetsrv\sessionmanager.dll`: "SessionManager",
		`d:\SessionManager.dll`:                          "", "ManagedEngine64": "", "ManagedEngine64.dll": "",
		"UriCacheModule": "", "": "", "/": "",
	} {
		bad := detection.LookupBad(name)
		if got := ""; bad != nil {
			got = bad.Family
			if got != family {
				t.Errorf("%s: %s", name, got)
			}
		} else if family != "" {
			t.Errorf("%s: not found", name)
		}
	}
	if b := detection.LookupBad("cache.dll"); b == nil || !b.Weak || b.Source == "" {
		t.Errorf("%+v", b)
	}
}

func ExampleChangeOf() {
	c, _ := detection.ChangeOf(
		spl.Map{"Message": `Changes to '/system.webServer/globalModules/add[@name="Helper"]/@image' ` +
			`at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.`})
	fmt.Println(c.Module, "-", c.Kind)
	// Output: Helper - module image set, operation not in the log
}

func FuzzChangeOf(f *testing.F) {
	f.Add(`/system.webServer/globalModules/add[@name="X" and @id="1"]/@image`, "1", "a", `c:\x.dll`)
	f.Add(`[@=`, "", "", "")
	f.Fuzz(func(t *testing.T, conf, op, old, new string) {
		c, ok := detection.ChangeOf(full(conf, op, old, new))
		if !ok || c.Kind == 0 {
			t.Fatalf("%+v", c)
		}
		detection.ChangeOf(message(conf, new))
	})
}
