package importer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/peimage/petest"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/blind"
	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
	"escutcheon/event"
)

// deed is what is done to a module, or to logging, between two versions of a configuration.
type deed struct {
	name, image    string
	removed, event bool
	logging        bool      // and HTTP logging is switched off in the same version
	at             time.Time // of the event
	written        time.Time // of the version that shows it
	version        string    // its name
}

// script is what happened to a server, and the truth about it.
type script struct {
	own     []string
	deeds   []deed
	files   []artifact.File
	changes []verdict.Change
	log     verdict.Log
	brought []collectedFile // the same as a collection brings it
	records []logwriter.Record

	requests []time.Time // that were logged, until logging went off
}

// collectedFile is a file of a collection.
type collectedFile struct {
	name    string
	data    []byte
	written time.Time
}

const (
	writtenHost = "web01.corp.example"
	adder       = "S-1-5-21-1-2-3-1104"
)

// written makes a server of a seed: five things are done to four modules in any order, one
// is added by appcmd, one by hand, one under a name of IIS's own, and one is removed
// again, either way. Five versions of its configuration are kept, and the one in force.
func written(seed uint64) *script {
	rng := rand.New(rand.NewPCG(seed, 16))
	coin := func() bool { return rng.IntN(2) == 0 }
	own := []string{"StaticFileModule static.dll", "UriCacheModule cachuri.dll", "HttpLoggingModule loghttp.dll",
		"CustomErrorModule custerr.dll", "IsapiModule isapi.dll"}
	rng.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	s := &script{own: own[:1+rng.IntN(len(own))], deeds: []deed{
		{name: "ShopTrace", image: `D:\shop\trace.dll`, event: true, logging: coin()},
		{name: "UpData", image: `C:\Windows\System32\updata.dll`},
		{name: "RequestFilteringModule", image: `%windir%\System32\inetsrv\defreq.dll`, event: true},
		{name: "Gone", image: `D:\gone.dll`, event: coin()},
		{name: "Gone", image: `D:\gone.dll`, event: coin(), removed: true}}}
	s.deeds[1].logging = !s.deeds[0].logging
	rng.Shuffle(len(s.deeds), func(i, j int) { s.deeds[i], s.deeds[j] = s.deeds[j], s.deeds[i] })
	seen := false
	for i := range s.deeds { // what is removed was there
		if d := &s.deeds[i]; d.name == "Gone" {
			d.removed, seen = seen, true
		}
	}
	at, id, off := collected, int64(1), false
	var there []deed
	keep := func(name string, at time.Time) {
		s.bring(&id, name, []byte(s.configuration(there, off)), at)
	}
	s.begin(collected.Add(-time.Hour))
	serial := 3 + rng.IntN(900)
	version := func() string {
		serial++
		return fmt.Sprintf("CFGHISTORY_%010d", serial-1)
	}
	keep("C/inetpub/history/"+version()+"/applicationHost.config", at)
	for i := range s.deeds {
		d := &s.deeds[i]
		d.at = at.Add(time.Duration(3+rng.IntN(50)) * time.Minute)
		d.written = d.at.Add(time.Duration(rng.IntN(110)) * time.Second)
		d.version = "applicationHost.config"
		name := "C/Windows/System32/inetsrv/config/applicationHost.config"
		if i < len(s.deeds)-1 {
			d.version = version()
			name = "C/inetpub/history/" + d.version + "/applicationHost.config"
		}
		off = off || d.logging
		if d.removed {
			there = without(there, d.name)
		} else {
			there = append(there, *d)
		}
		if d.event {
			s.say(d)
		}
		at = d.written
		keep(name, at)
	}
	s.begin(at.Add(30 * time.Hour))
	for at := collected.Add(-time.Hour); at.Before(s.off()); at = at.Add(7 * time.Minute) {
		s.requests = append(s.requests, at)
	}
	dll := petest.DLL{Name: "trace.dll", Exports: []string{"RegisterModule"}}.Bytes()
	s.bring(&id, "D:/shop/trace.dll", dll, collected)
	rng.Shuffle(len(s.files), func(i, j int) { s.files[i], s.files[j] = s.files[j], s.files[i] })
	rng.Shuffle(len(s.changes), func(i, j int) { s.changes[i], s.changes[j] = s.changes[j], s.changes[i] })
	return s
}

// off is when HTTP logging went off.
func (s *script) off() time.Time {
	for _, d := range s.deeds {
		if d.logging && d.event {
			return d.at
		} else if d.logging {
			return d.written
		}
	}
	return time.Time{}
}

// w3c is the log of requests.
func (s *script) w3c() []byte {
	b := []byte("#Fields: date time cs-method cs-uri-stem sc-status\n")
	for _, at := range s.requests {
		b = append(b, at.Format("2006-01-02 15:04:05")+" GET / 200\n"...)
	}
	return b
}

// channels are what was seen of the logs.
func (s *script) channels(noLog bool) []blind.Channel {
	out := []blind.Channel{{Name: event.RequestLog, Events: int64(len(s.requests)), From: s.requests[0],
		To: s.requests[len(s.requests)-1]}, {Name: "System", Events: 1, From: s.log.From, To: s.log.To}}
	if !noLog {
		out = append(out, blind.Channel{Name: event.IISConfiguration, Events: int64(len(s.records)), From: s.log.From,
			To: s.log.To})
	}
	return out
}

// bring adds a file to the collection.
func (s *script) bring(id *int64, name string, data []byte, at time.Time) {
	f := artifact.Read(name, data)
	f.ID, f.Modified = *id, at
	*id++
	s.files = append(s.files, *f)
	s.brought = append(s.brought, collectedFile{name, data, at})
}

// begin logs that somebody looked at the configuration: the log covers that time.
func (s *script) begin(at time.Time) {
	r := logwriter.IISBegin()
	r.Time, r.Computer, r.RecordNumber = at, writtenHost, int64(len(s.records)+1)
	s.records = append(s.records, r)
	s.log.Saw(at)
}

func without(list []deed, name string) (out []deed) {
	for _, d := range list {
		if d.name != name {
			out = append(out, d)
		}
	}
	return out
}

func (s *script) configuration(there []deed, off bool) string {
	var global, list strings.Builder
	for _, m := range s.own {
		name, image, _ := strings.Cut(m, " ")
		fmt.Fprintf(&global, "<add name=%q image=\"%%windir%%\\System32\\inetsrv\\%s\"/>\n", name, image)
		fmt.Fprintf(&list, "<add name=%q/>\n", name)
	}
	for _, d := range there {
		fmt.Fprintf(&global, "<add name=%q image=\"%s\"/>\n", d.name, d.image)
		fmt.Fprintf(&list, "<add name=%q/>\n", d.name)
	}
	return "<configuration><system.applicationHost><sites/></system.applicationHost>\n" +
		"<system.webServer>\n<globalModules>\n" +
		global.String() + "</globalModules>\n<modules>\n" + list.String() + "</modules>\n" +
		fmt.Sprintf("<httpLogging dontLog=\"%t\"/>\n</system.webServer></configuration>\n", off)
}

// say logs what the configuration system writes of a deed.
func (s *script) say(d *deed) {
	changes := logwriter.IISModuleAdded(d.name, d.image)
	if d.removed {
		changes = []logwriter.Change{{Path: changes[0].Path, Edit: logwriter.EditDelete},
			{Path: changes[3].Path, Edit: logwriter.EditDelete}}
	}
	if d.logging {
		changes = append(changes, logwriter.Change{Path: "/system.webServer/httpLogging/@dontLog",
			Edit: logwriter.EditModify, Before: "false", After: "true"})
	}
	for _, c := range changes {
		r := logwriter.IISChange(c)
		r.Time, r.Computer, r.Sid, r.RecordNumber = d.at, writtenHost, adder, int64(len(s.records)+1)
		s.records = append(s.records, r)
		e := event.Event{EventCode: 29, Channel: event.IISConfiguration, Fields: r.Data}
		if of, ok := detection.ChangeEventOf(&e); ok {
			of.By = adder
			s.changes = append(s.changes, verdict.Change{ChangeEvent: of, Event: int64(len(s.changes) + 1), At: d.at})
		}
	}
	s.log.Saw(d.at)
}

// made is what is made of a server whose sources are those.
type made struct {
	history   *onfile.History
	modules   map[string]*ledger.Module
	verdict   verdict.Verdict
	collected map[ledger.Source]ledger.Span
	spans     []blind.Span
}

// spansOf are those of a kind.
func (m *made) spansOf(kind blind.Kind) (out []blind.Span) {
	for _, s := range m.spans {
		if s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// lacks are the sources of which nothing was collected, in words.
func (m *made) lacks() string {
	var out []string
	for _, s := range m.spansOf(blind.NotCollected) {
		name, _, _ := strings.Cut(s.Text, ":")
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// tell makes all of it, but for the files that are left out.
func (s *script) tell(noLog bool, leave func(*artifact.File) bool) *made {
	var files []artifact.File
	for _, f := range s.files {
		if leave == nil || !leave(&f) {
			files = append(files, f)
		}
	}
	changes, log := s.changes, s.log
	if noLog {
		changes, log = nil, verdict.Log{}
	}
	t := &made{modules: map[string]*ledger.Module{}, collected: ledger.Collected(files)}
	t.history = onfile.Make(files, changes, log)
	for _, m := range ledger.MakeOf(ledger.Sources{Changes: changes, OnFile: t.history, Files: files,
		NoLog: noLog}, nil) {
		t.modules[m.Name] = &m
	}
	all := append(append(append([]verdict.Change{}, changes...), t.history.Changes...), t.history.Notable()...)
	t.verdict = log.Make(all)
	t.spans = blind.Make(blind.Input{Channels: s.channels(noLog), Verdict: t.verdict, OnFile: t.history, Files: files})
	return t
}

// shown is what the versions show, a deed a line.
func shown(h *onfile.History) string {
	var b strings.Builder
	for _, v := range h.Versions {
		for _, d := range v.Differences {
			by := d.Why
			if d.Said != nil {
				by = "event " + d.Said.At.Format(time.TimeOnly)
			}
			fmt.Fprintf(&b, "%s: %s: %s\n", v.Name(), d.Text(), by)
		}
	}
	return b.String()
}

// versions is the same of the script.
func (s *script) versions() string {
	const byHand = "No event, though the log here covers that time: edited by hand, or the channel was off then."
	var b strings.Builder
	for _, d := range s.deeds {
		by := byHand
		if d.event {
			by = "event " + d.at.Format(time.TimeOnly)
		}
		done := "added to"
		if d.removed {
			done = "removed from"
		}
		rest := ""
		if d.logging && !d.removed {
			rest = fmt.Sprintf("%s: httpLogging: dontLog changed: %s\n", d.version, by)
		}
		fmt.Fprintf(&b, "%s: %s %s globalModules, image %s: %s\n%s: %s %s modules: %s\n%s", d.version, d.name, done,
			d.image, by, d.version, d.name, done, by, rest)
	}
	return b.String()
}

// rows are the rows of the ledger as the script has them.
func (s *script) rows() (out []string) {
	for _, d := range s.deeds {
		if d.removed {
			continue // the row of what was added says by whom
		}
		first, by, present, judged := d.at, adder, "yes", "unknown"
		if !d.event {
			first, by = d.written, ledger.NoLoggedChange
		}
		switch d.name {
		case "Gone":
			present = "no"
		case "RequestFilteringModule":
			judged = "posing"
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %s %s %s %s", d.name, first.Format(time.TimeOnly), present, by,
			judged, s.removedBy(d.name)), " "))
	}
	return out
}

// removedBy is who removed a module; "" nobody did.
func (s *script) removedBy(name string) string {
	for _, d := range s.deeds {
		switch {
		case d.name != name || !d.removed:
		case d.event:
			return adder
		default:
			return ledger.NoLoggedChange
		}
	}
	return ""
}

func row(m *ledger.Module, name string) string {
	if m == nil {
		return name + " is not there"
	}
	return strings.TrimRight(fmt.Sprintf("%s %s %s %s %s %s", m.Name, m.First.Format(time.TimeOnly), m.Present, m.AddedBy,
		m.Judged, m.RemovedBy), " ")
}
