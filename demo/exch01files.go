package demo

import (
	"fmt"
	"time"

	"escutcheon/artifact/peimage/petest"
	lw "escutcheon/demo/logwriter"
)

// HandByHand is a handler that somebody wrote into the configuration of PlantedHost with an
// editor: harmless, in no event, and on no list.
const HandByHand = "HealthProbe"

// kept is how soon the server keeps a version of a configuration that was changed.
const kept = 68 * time.Second

// exch01Files are the files of PlantedHost: its configuration with five versions of it,
// the file of the module, and what its web server logged until that was switched off.
// work are the hours at which an administrator changed owa.
func exch01Files(end time.Time, work []time.Time) []collected {
	truth := Truth(end)
	c := setting{sites: exchSites, pools: exchPools}
	var out []collected
	serial := 31
	keep := func(at time.Time) {
		out = append(out, collected{fmt.Sprintf(historyPath, serial), at.Truncate(time.Second), c.applicationHost()})
		serial++
	}
	keep(work[0].Add(kept))
	c.basic, c.handler = true, HandByHand+" Contoso.Monitoring.HealthProbe, Contoso.Monitoring"
	keep(end.AddDate(0, 0, -7).Truncate(24 * time.Hour).Add(13*time.Hour + 22*time.Minute + 9*time.Second))
	c.basic = false
	keep(work[1].Add(kept))
	c.dontLog = true
	keep(truth.LoggingOff.Add(kept))
	c.modules = [][2]string{{PlantedModule, PlantedImage}}
	keep(truth.Added.Add(kept))
	installed := end.AddDate(0, 0, -400).Truncate(24 * time.Hour)
	dll := petest.DLL{Name: "httpstrm.dll", Exports: []string{"RegisterModule"},
		Linked: truth.LoggingOff.AddDate(0, 0, -3).Add(-5 * time.Hour), PDB: `D:\build\httpstrm\x64\Release\httpstrm.pdb`,
		Version: map[string]string{"OriginalFilename": "httpstrm.dll", "FileDescription": "HTTP stream cache"}}
	return append(append(out,
		collected{configPath + "applicationHost.config", truth.Added.Add(time.Second).Truncate(time.Second),
			c.applicationHost()},
		collected{configPath + "redirection.config", installed, []byte(notRedirected)},
		collected{"C/inetpub/wwwroot/web.config", installed.AddDate(0, 1, 0), []byte(webConfig)},
		collected{"C/Windows/System32/inetsrv/httpstrm.dll", truth.LoggingOff.Add(-3 * time.Minute).Truncate(time.Second),
			dll.Bytes()}), exch01Requests(end, truth)...)
}

// stranger is the client that came before the module did.
const stranger = "203.0.113.77"

// exch01Requests are what the web server of PlantedHost logged from the day before the
// module on until logging was switched off, and what HTTP.sys went on to log.
func exch01Requests(end time.Time, truth Planted) (out []collected) {
	s := newServer(PlantedHost+" requests", end)
	pages := []lw.Request{
		{Method: "GET", Stem: "/owa/", Status: 200}, {Method: "POST", Stem: "/owa/service.svc", Status: 200},
		{Method: "POST", Stem: "/EWS/Exchange.asmx", Status: 200},
		{Method: "POST", Stem: "/Microsoft-Server-ActiveSync/default.eas", Status: 200},
		{Method: "POST", Stem: "/autodiscover/autodiscover.xml", Status: 401},
		{Method: "POST", Stem: "/mapi/emsmdb/", Status: 200}, {Method: "GET", Stem: "/owa/healthcheck.htm", Status: 200},
	}
	agents := []string{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
		"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17932; Pro)", "Apple-iPhone14C5/2201.1"}
	var requests []lw.Request
	from := truth.LoggingOff.Truncate(24*time.Hour).AddDate(0, 0, -1)
	later := func(at time.Time, least, most int) time.Time {
		return at.Add(time.Duration(least+s.rng.IntN(most-least)) * time.Second)
	}
	for at := from; at.Before(truth.LoggingOff.Add(-time.Minute)); at = later(at, 90, 590) {
		r := pages[s.rng.IntN(len(pages))]
		client := s.rng.IntN(30)
		r.Time, r.Client, r.Agent = at, fmt.Sprintf("10.20.%d.%d", 8+client%3, 20+client), agents[client%len(agents)]
		requests = append(requests, r)
	}
	for i, status := range []int{404, 404, 404, 200, 200, 200} {
		requests = append(requests, lw.Request{Time: truth.LoggingOff.Add(time.Duration(10*i-60) * time.Second),
			Client: stranger, Agent: "python-requests/2.32.3", Method: "POST", Stem: "/owa/auth/expiry.aspx", Status: status})
	}
	for day := from; !day.After(truth.LoggingOff); day = day.AddDate(0, 0, 1) {
		log := lw.AppendW3CHeader(nil, lw.IISSoftware, day, lw.W3CFields)
		written := day
		for _, r := range requests {
			if r.Time.Before(day) || !r.Time.Before(day.AddDate(0, 0, 1)) {
				continue
			}
			r.ServerIP, r.Port, r.Taken = "10.20.4.10", 443, int64(3+s.rng.IntN(140))
			log, written = lw.AppendW3C(log, &r, lw.W3CFields), r.Time
		}
		out = append(out, collected{fmt.Sprintf(logPath, day.Format("060102")), written.Truncate(time.Second), log})
	}
	return append(out, exch01Errors(s, from))
}

// exch01Errors are connections that HTTP.sys ended: they go on when requests do not.
func exch01Errors(s *server, from time.Time) collected {
	log, written := lw.AppendW3CHeader(nil, lw.HTTPSysSoftware, from, lw.HTTPErrFields), from
	for at := from.Add(7 * time.Minute); at.Before(s.end); at = at.Add(time.Duration(20+s.rng.IntN(50)) * time.Minute) {
		log = lw.AppendW3C(log, &lw.Request{Time: at, Client: fmt.Sprintf("10.20.8.%d", 20+s.rng.IntN(30)),
			ClientPort: 50000 + s.rng.IntN(9000), ServerIP: "10.20.4.10", Port: 443, Reason: "Timer_ConnectionIdle"},
			lw.HTTPErrFields)
		written = at
	}
	return collected{errorPath, written.Truncate(time.Second), log}
}
