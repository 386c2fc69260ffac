package demo

import (
	"time"

	lw "escutcheon/demo/logwriter"
)

var (
	webSites = []string{"Default Web Site", "intranet", "orders", "tickets"}
	webPools = []string{"DefaultAppPool", "intranet", "orders", "tickets", "status"}

	exchSites = []string{"Default Web Site", "Exchange Back End"}
	exchPools = []string{"MSExchangeOWAAppPool", "MSExchangeECPAppPool", "MSExchangeSyncAppPool",
		"MSExchangeAutodiscoverAppPool", "MSExchangeServicesAppPool", "MSExchangeMapiFrontEndAppPool",
		"MSExchangeRpcProxyAppPool", "MSExchangePowerShellAppPool"}
)

// web01 is a web server on which nothing happened but work.
func web01(end time.Time) *server {
	s := newServer(quietHost, end)
	s.background()
	s.recycling("DefaultAppPool", 1)
	s.deployments("intranet", "orders", "tickets")
	s.patch(s.day(8).Add(22*time.Hour+30*time.Minute), webSites, webPools)
	return s
}

// web02 is a web server to which an administrator added one of IIS's own
// modules in working hours.
func web02(end time.Time) *server {
	s := newServer(AdminHost, end)
	s.background()
	s.recycling("portal", 3)
	s.deployments("portal", "reports")
	s.patch(s.day(9).Add(22*time.Hour+30*time.Minute), []string{"Default Web Site", "portal", "reports"},
		[]string{"portal", "reports"})
	day := s.day(4)
	for !working(day) {
		day = day.AddDate(0, 0, -1)
	}
	at := s.between(day, 9, 11)
	s.add(at.Add(-40*time.Second), system, lw.ServiceState("Windows Modules Installer", "running"))
	s.commit(at, admin, lw.IISModuleAdded(AdminModule, AdminImage)...)
	s.commit(at.Add(6*time.Minute), admin, lw.Change{Path: "/system.webServer/httpRedirect/@enabled",
		At: lw.AppHost + "/reports", Edit: lw.EditModify, Before: "false", After: "true"})
	return s
}

// exch01 is the mail server on which a module was planted, in the last night
// but one at the most.
func exch01(end time.Time) *server {
	s, _ := exch01Worked(end)
	return s
}

// exch01Worked is exch01, and when an administrator changed owa.
func exch01Worked(end time.Time) (s *server, owa []time.Time) {
	s = newServer(PlantedHost, end)
	s.background()
	s.patch(s.day(4).Add(21*time.Hour+40*time.Minute), exchSites, exchPools)
	for _, n := range []int{9, 6} {
		at := s.between(s.day(n), 8, 16)
		owa = append(owa, at)
		s.commit(at, admin, lw.Change{
			Path: "/system.webServer/security/authentication/windowsAuthentication/@enabled",
			At:   lw.AppHost + "/Default Web Site/owa", Edit: lw.EditModify, Before: "true", After: "false"})
	}
	s.plant(plantedAt(s.end))
	return s, owa
}

// plantedAt is when the intrusion begins in logs that end at end.
func plantedAt(end time.Time) time.Time {
	return end.AddDate(0, 0, -1).Truncate(24 * time.Hour).Add(2*time.Hour + 37*time.Minute + 14*time.Second)
}

// untilAdded is how long after that the module is added.
const untilAdded = 4*time.Minute + 9*time.Second

// Planted is what is to be found: a module unknown to the world, in which file,
// by whom and when it was added, and when HTTP logging was switched off.
type Planted struct {
	Host, Module, Image, By string
	LoggingOff, Added       time.Time
}

// Truth is what Write plants in logs for now.
func Truth(now time.Time) Planted {
	at := plantedAt(now.UTC().Truncate(time.Hour))
	return Planted{Host: PlantedHost, Module: PlantedModule, Image: PlantedImage, By: system.user,
		LoggingOff: at, Added: at.Add(untilAdded)}
}

// plant is the intrusion: logging switched off, the module added, and the
// service restarted so that it is loaded. The module is never removed.
func (s *server) plant(at time.Time) {
	s.appcmd(at.Add(-time.Second), "EXCH01$", "set config /section:httpLogging /dontLog:true")
	s.commit(at, system, lw.Change{Path: "/system.webServer/httpLogging/@dontLog", Edit: lw.EditModify, Before: "false",
		After: "true"})
	at = at.Add(untilAdded)
	s.appcmd(at.Add(-time.Second), "EXCH01$", "install module /name:"+PlantedModule+" /image:"+PlantedImage)
	s.commit(at, system, lw.IISModuleAdded(PlantedModule, PlantedImage)...)
	s.restart(at.Add(20 * time.Second))
}

const inetsrv = `C:\Windows\System32\inetsrv\`

// appcmd is a command that a worker process gives.
func (s *server) appcmd(at time.Time, account, args string) {
	s.add(at, system, lw.ProcessStart(system.sid, "CORP", account, "0x2f1c", inetsrv+"appcmd.exe",
		inetsrv+"appcmd.exe "+args, inetsrv+"w3wp.exe"))
}

// restart restarts the service, which loads its modules anew.
func (s *server) restart(at time.Time) {
	s.add(at, system, lw.ServiceState("World Wide Web Publishing Service", "stopped"))
	s.add(at.Add(3*time.Second), system, lw.ServiceState("World Wide Web Publishing Service", "running"))
}
