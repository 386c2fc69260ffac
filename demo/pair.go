package demo

import (
	"fmt"
	"time"

	lw "escutcheon/demo/logwriter"
)

// The two servers of one intrusion, and the account that came from the first to the second.
const (
	FirstHost  = "mail01.corp.example"
	SecondHost = "mail02.corp.example"
	MovedBy    = `CORP\svc-backup`

	firstAddress = "10.20.4.11"
	plantedFile  = inetsrv + "httpstrm.dll"
)

var backup = actor{MovedBy, domainSID + "1131"}

// PairLog is the log of one of the two servers.
type PairLog struct {
	Name string // of the file
	Data []byte
}

// Pair is the logs of two mail servers, of ten days until end, which is a full hour of
// the morning. In the night before, on the first a worker process writes the image of
// PlantedModule and adds the module; half an hour later an account that comes from there
// does the same on the second.
func Pair(end time.Time) ([]PairLog, error) {
	first, err := nxlogGzip(mail01(end).finish())
	if err != nil {
		return nil, fmt.Errorf("demo logs: %w", err)
	}
	lines, err := xml(mail02(end).finish())
	if err != nil {
		return nil, fmt.Errorf("demo logs: %w", err)
	}
	second, err := gzipped(lines)
	if err != nil {
		return nil, fmt.Errorf("demo logs: %w", err)
	}
	return []PairLog{{"mail01-nxlog.ndjson.gz", first}, {"mail02-events.xml.gz", second}}, nil
}

// mail01 is the server through whose web site they came.
func mail01(end time.Time) *server {
	s := mailServer(FirstHost, end)
	at := s.day(0).Add(2*time.Hour + 31*time.Minute + 52*time.Second)
	s.add(at, system, lw.ProcessStart(system.sid, "CORP", "MAIL01$", "0x1a64", `C:\Windows\System32\cmd.exe`,
		`cmd.exe /c "whoami /all & hostname & dir `+inetsrv+`"`, inetsrv+"w3wp.exe"))
	at = at.Add(2*time.Minute + 20*time.Second)
	s.add(at, system, lw.SysmonFile(system.user, "{9c1d7f2e-3f10-69a7-4f02-000000002700}", "5212", inetsrv+"w3wp.exe",
		plantedFile))
	at = at.Add(45 * time.Second)
	s.appcmd(at, "MAIL01$", "set config /section:httpLogging /dontLog:true")
	s.commit(at.Add(time.Second), system, lw.Change{Path: "/system.webServer/httpLogging/@dontLog", Edit: lw.EditModify,
		Before: "false", After: "true"})
	at = at.Add(74 * time.Second)
	s.appcmd(at, "MAIL01$", "install module /name:"+PlantedModule+" /image:"+PlantedImage)
	s.commit(at.Add(time.Second), system, lw.IISModuleAdded(PlantedModule, PlantedImage)...)
	s.restart(at.Add(24 * time.Second))
	return s
}

// mail02 is the server that they went on to.
func mail02(end time.Time) *server {
	s := mailServer(SecondHost, end)
	at := s.day(0).Add(3*time.Hour + 8*time.Minute + 17*time.Second)
	s.add(at, system, lw.Logon(backup.sid, "CORP", "svc-backup", "0x5e21c4", firstAddress))
	at = at.Add(95 * time.Second)
	s.add(at, system, lw.SysmonFile(system.user, "{5b0e6a11-47c2-69a6-eb03-000000002100}", "4", "System", plantedFile))
	at = at.Add(3*time.Minute + 11*time.Second)
	s.add(at, backup, lw.ProcessStart(backup.sid, "CORP", "svc-backup", "0x11d8", inetsrv+"appcmd.exe",
		inetsrv+"appcmd.exe install module /name:"+PlantedModule+" /image:"+PlantedImage,
		`C:\Windows\System32\wbem\WmiPrvSE.exe`))
	s.commit(at.Add(time.Second), backup, lw.IISModuleAdded(PlantedModule, PlantedImage)...)
	s.restart(at.Add(20 * time.Second))
	return s
}

// mailServer is a mail server on which nothing happened but work.
func mailServer(name string, end time.Time) *server {
	s := newServer(name, end)
	s.background()
	s.patch(s.day(9).Add(21*time.Hour+40*time.Minute), []string{"Default Web Site", "Exchange Back End"},
		[]string{"MSExchangeOWAAppPool", "MSExchangeECPAppPool", "MSExchangeAutodiscoverAppPool"})
	s.commit(s.between(s.day(8), 8, 16), admin, lw.Change{
		Path: "/system.webServer/security/authentication/windowsAuthentication/@enabled",
		At:   lw.AppHost + "/Default Web Site/owa", Edit: lw.EditModify, Before: "true", After: "false"})
	return s
}
