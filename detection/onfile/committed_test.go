package onfile_test

import (
	"fmt"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

var noon = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

// version is one of a configuration, with authentication on or off, written at a minute.
func version(serial, minute int, auth string) artifact.File {
	f := artifact.Read(fmt.Sprintf("C/inetpub/history/CFGHISTORY_%010d/applicationHost.config", serial),
		[]byte(`<configuration><system.applicationHost/><location path="Shop"><system.webServer><security>`+
			`<windowsAuthentication enabled="`+auth+`"/></security></system.webServer></location></configuration>`))
	f.ID, f.Modified = int64(serial), noon.Add(time.Duration(minute)*time.Minute)
	return *f
}

// TestMatch: what is neither a module nor logging finds its event by its path and by the
// time between the two versions: not one that was before the first of them.
func TestMatch(t *testing.T) {
	var log verdict.Log
	log.Saw(noon.Add(-time.Hour))
	log.Saw(noon.Add(24 * time.Hour))
	h := onfile.Make([]artifact.File{version(1, 1, "false"), version(2, 10, "true"), version(3, 20, "false")}, nil, log)
	at := func(minute int, event int64) onfile.Committed {
		when := noon.Add(time.Duration(minute) * time.Minute)
		return onfile.Committed{ConfigPath: "MACHINE/WEBROOT/APPHOST/Shop", First: when, Last: when, Event: event,
			Configuration: "/system.webServer/security/windowsAuthentication/@enabled"}
	}
	h.Match([]onfile.Committed{at(0, 7), at(19, 8), at(40, 9)})
	for i, want := range []int64{0, 8} {
		d := h.Versions[i+1].Differences
		if len(d) != 1 || (d[0].Said == nil) != (want == 0) || want != 0 && d[0].Said.Event != want ||
			(d[0].Why == "") != (want != 0) {
			t.Errorf("version %d: %+v", i+2, d)
		}
	}
}
