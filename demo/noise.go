package demo

import (
	"fmt"
	"time"

	lw "escutcheon/demo/logwriter"
)

// background is what any server logs all day: services that start and stop,
// policies applied, and an hourly check of the IIS configuration that commits
// nothing.
func (s *server) background() {
	services := []string{"Windows Update", "Background Intelligent Transfer Service", "Software Protection",
		"WMI Performance Adapter", "Windows Modules Installer", "Network Setup Service", "Device Setup Manager"}
	for at := s.start; at.Before(s.end); at = at.Add(time.Hour) {
		for range 1 + s.rng.IntN(3) {
			name := services[s.rng.IntN(len(services))]
			t := s.between(at, 0, 1)
			s.add(t, system, lw.ServiceState(name, "running"))
			s.add(t.Add(time.Duration(1+s.rng.IntN(900))*time.Second), system, lw.ServiceState(name, "stopped"))
		}
		s.add(at.Add(7*time.Minute+time.Duration(s.rng.IntN(4e9))), system, lw.IISBegin(), lw.IISEnd("0x0"))
		if at.Hour()%8 == 5 {
			s.add(s.between(at, 0, 1), system, lw.Application("SceCli", 1704, lw.LevelInformation,
				"Security policy in the Group policy objects has been applied successfully."))
		}
	}
}

// recycling is a script that runs in the night of every so many days and sets
// the hour at which a pool recycles.
func (s *server) recycling(pool string, every int) {
	path := fmt.Sprintf(
		`/system.applicationHost/applicationPools/add[@name="%s"]/recycling/periodicRestart/schedule/add[@value="03:00:00"]`,
		pool)
	for n := 0; n <= days; n += every {
		at := s.day(n).Add(2*time.Hour + time.Duration(s.rng.IntN(90))*time.Second)
		s.commit(at, deploy, lw.Change{Path: path, Edit: lw.EditAdd},
			lw.Change{Path: path + "/@value", Edit: lw.EditAdd, After: "03:00:00"})
	}
}

// deployments are changes to sites, at some hours of some working days.
func (s *server) deployments(sites ...string) {
	for n := range days + 1 {
		day := s.day(n)
		if !working(day) || s.rng.IntN(10) < 3 {
			continue
		}
		at := s.between(day, 8, 17)
		for range 1 + s.rng.IntN(2) {
			s.commit(at, deploy, s.deployment(sites[s.rng.IntN(len(sites))])...)
			at = at.Add(time.Duration(20+s.rng.IntN(200)) * time.Second)
		}
	}
}

func (s *server) deployment(site string) []lw.Change {
	at := lw.AppHost + "/" + site
	siteAt := func(path string) string {
		return fmt.Sprintf(`/system.applicationHost/sites/site[@name="%s" and @id="%d"]%s`, site, len(site), path)
	}
	switch s.rng.IntN(5) {
	case 0:
		return []lw.Change{{Path: `/system.web/customErrors/error[@statusCode="404"]`, At: at, Edit: lw.EditAdd},
			{Path: `/system.web/customErrors/error[@statusCode="404"]/@redirect`, At: at, Edit: lw.EditAdd,
				After: "/errors/404"}}
	case 1:
		return []lw.Change{{Path: siteAt("/logFile/@logFormat"), Edit: lw.EditModify, Before: "W3C", After: "IIS"},
			{Path: siteAt("/logFile/@logFormat"), Edit: lw.EditModify, Before: "IIS", After: "W3C"}}
	case 2:
		host := fmt.Sprintf("*:443:v%d.apps.corp.example", 2+s.rng.IntN(4))
		path := siteAt(`/bindings/binding[@protocol="https" and @bindingInformation="` + host + `"]`)
		return []lw.Change{{Path: path, Edit: lw.EditAdd},
			{Path: path + "/@sslFlags", Edit: lw.EditModify, Before: "0", After: "1"}}
	case 3:
		return []lw.Change{{Path: "/system.webServer/staticContent/clientCache/@cacheControlMaxAge", At: at,
			Edit: lw.EditModify, Before: "1.00:00:00", After: "7.00:00:00"}}
	}
	return []lw.Change{{Path: siteAt(`/application[@path="/"]/virtualDirectory[@path="/"]/@physicalPath`),
		Edit: lw.EditModify, Before: `D:\sites\` + site + `\blue`, After: `D:\sites\` + site + `\green`}}
}

// patch is a patch window: sites and pools are stopped, the server restarts,
// and all is started again.
func (s *server) patch(at time.Time, sites, pools []string) {
	for i, site := range sites {
		path := fmt.Sprintf(`/system.applicationHost/sites/site[@name="%s" and @id="%d"]`, site, i+1)
		s.commit(at, patcher, lw.Change{Path: path + "/@state", Edit: lw.EditAdd, Before: "Started", After: "Stopping"})
		s.commit(at.Add(time.Second), patcher, lw.Change{Path: path + "/@serverAutoStart", Edit: lw.EditModify,
			Before: "true", After: "false"})
		back := at.Add(31 * time.Minute)
		s.commit(back, patcher, lw.Change{Path: path + "/@serverAutoStart", Edit: lw.EditModify, Before: "false",
			After: "true"})
		s.commit(back.Add(2*time.Second), system, lw.Change{Path: path + "/@state", Edit: lw.EditAdd, Before: "Starting",
			After: "Started"})
		at = at.Add(time.Duration(3+s.rng.IntN(9)) * time.Second)
	}
	for _, pool := range pools {
		path := fmt.Sprintf(`/system.applicationHost/applicationPools/add[@name="%s"]/@autoStart`, pool)
		s.commit(at, patcher, lw.Change{Path: path, Edit: lw.EditModify, Before: "true", After: "false"})
		s.commit(at.Add(34*time.Minute), patcher, lw.Change{Path: path, Edit: lw.EditModify, Before: "false", After: "true"})
		at = at.Add(time.Duration(2+s.rng.IntN(5)) * time.Second)
	}
	for _, name := range []string{"World Wide Web Publishing Service", "Windows Process Activation Service",
		"Windows Modules Installer"} {
		s.add(at.Add(20*time.Second), system, lw.ServiceState(name, "stopped"))
		s.add(at.Add(28*time.Minute), system, lw.ServiceState(name, "running"))
	}
}
