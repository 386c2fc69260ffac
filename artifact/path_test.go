package artifact_test

import (
	"testing"

	"escutcheon/artifact"
)

// TestPathOf: the names that tools of collection give files, and the paths they had.
func TestPathOf(t *testing.T) {
	for name, want := range map[string]string{
		"uploads/auto/C%3A/Windows/System32/inetsrv/config/a.config": `C:\Windows\System32\inetsrv\config\a.config`,
		"uploads/ntfs/%5C%5C.%5CD%3A/inetpub/wwwroot/web.config":     `D:\inetpub\wwwroot\web.config`,
		"WEB01/C/inetpub/history/CFGHISTORY_0000000012/a.config":     `C:\inetpub\history\CFGHISTORY_0000000012\a.config`,
		`kape\2026-03-11\c\Windows\x.dll`:                            `C:\Windows\x.dll`,
		"C_drive/ProgramData/a.dll":                                  `C:\ProgramData\a.dll`,
		"triage.zip!web01/Windows/System32/inetsrv/a.dll":            `%windir%\System32\inetsrv\a.dll`,
		"inetpub/wwwroot/web.config":                                 `%SystemDrive%\inetpub\wwwroot\web.config`,
		"collection/inetpub":                                         `collection\inetpub`,
		"Windows":                                                    "Windows",
		"applicationHost.config":                                     "applicationHost.config",
		"shop/web.config":                                            `shop\web.config`,
		"c:/a%zz.dll":                                                `C:\a%zz.dll`,
		"":                                                           "",
		"/../../etc/passwd":                                          `..\..\etc\passwd`,
	} {
		if got := artifact.PathOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if n := artifact.SerialOf(`C:\inetpub\history\cfghistory_0000000012\schema\x.xml`); n != 12 {
		t.Error(n)
	}
	if n := artifact.SerialOf(`C:\CFGHISTORY_12a\x`); n != 0 {
		t.Error(n)
	}
}

func TestHostOf(t *testing.T) {
	for name, want := range map[string]string{
		"Collection-web01_corp_example-2026-03-11T10_00_00Z.zip": "web01.corp.example",
		"x/DFIR-ORC_Server_web02.corp.example_General.7z":        "web02.corp.example",
		"KAPE-C.zip": "", "": "",
	} {
		if got := artifact.HostOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
