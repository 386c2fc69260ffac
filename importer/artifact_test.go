package importer_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"escutcheon/artifact/peimage/petest"
	"escutcheon/demo/logwriter"
	"escutcheon/detection/ledger"
	"escutcheon/intake"
	"escutcheon/store"
)

var collected = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

// member is a file of a collection, written so many minutes after it began.
type member struct {
	name    string
	data    string
	minutes int
}

func collection(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		at := collected.Add(time.Duration(m.minutes) * time.Minute)
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Modified: at})
		if err == nil {
			_, err = w.Write([]byte(m.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// configuration is an applicationHost.config with modules, each its name and image.
func configuration(modules ...string) string {
	var b strings.Builder
	b.WriteString("<configuration><system.applicationHost><sites/></system.applicationHost><system.webServer><globalModules>\n")
	for i := 0; i < len(modules); i += 2 {
		fmt.Fprintf(&b, "<add name=%q image=\"%s\"/>\n", modules[i], modules[i+1])
	}
	b.WriteString("</globalModules></system.webServer><system.web><machineKey validationKey=\"C0FFEE00C0FFEE\"/></system.web>" +
		"</configuration>\n")
	return b.String()
}

const (
	inetsrv = "C/Windows/System32/inetsrv/config/applicationHost.config"
	kept    = "C/inetpub/history/CFGHISTORY_000000000%d/applicationHost.config"
)

// changesOf are events of a host that add modules, so many minutes after the collection
// began.
func changesOf(host string, minutes int, name, image string) string {
	var out []byte
	for n, c := range logwriter.IISModuleAdded(name, image) {
		r := logwriter.IISChange(c)
		r.Computer, r.Time = host, collected.Add(time.Duration(minutes)*time.Minute)
		r.RecordNumber = int64(100*minutes + n + 1)
		out = append(logwriter.AppendXML(out, &r, false), '\n')
	}
	return string(out)
}

// rows are the modules of a host in short.
func (b *bench) rows(dest string) string {
	b.t.Helper()
	l, err := b.store.Ledger(ctx, store.VerdictOf{Dest: dest})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, m := range l.Modules {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", m.Name, m.First.Format("15:04"), m.Present, m.AddedBy, m.Judged))
	}
	return strings.Join(out, "\n")
}

// TestCollection: the files of a server are of the host of the logs beside them; one module
// was added by the configuration system, one by hand, one was removed again, and the
// ledger, the history and the verdict say so. What is secret is nowhere.
func TestCollection(t *testing.T) {
	own := []string{"StaticFileModule", `%windir%\System32\inetsrv\static.dll`}
	with := func(more ...string) string { return configuration(append(own[:2:2], more...)...) }
	data := collection(t,
		member{"web01/" + inetsrv, with("ShopTrace", `D:\shop\trace.dll`, "UpData", `C:\Windows\System32\system.dll`), 40},
		member{"web01/" + fmt.Sprintf(kept, 1), with(), -60},
		member{"web01/" + fmt.Sprintf(kept, 2), with("ShopTrace", `D:\shop\trace.dll`), 10},
		member{"web01/" + fmt.Sprintf(kept, 3), with("ShopTrace", `D:\shop\trace.dll`, "Gone", `D:\gone.dll`), 20},
		member{"web01/C/inetpub/logs/u_ex.log", "#Fields: date time cs-method cs-uri-stem\n2026-03-11 12:00:00 GET /a\n", 0},
		member{"web01/C/Windows/System32/system.dll", string(petest.DLL{Name: "system.dll",
			Exports: []string{"RegisterModule"}}.Bytes()), 38},
		member{"web02/" + inetsrv, configuration(own...), 0},
		member{"web01/events.xml", changesOf("web01.corp.example", 10, "ShopTrace", `D:\shop\trace.dll`) +
			changesOf("web01.corp.example", 50, "After", `D:\after.dll`), 60},
		member{"web02/events.xml", changesOf("WEB02", 1, "RequestFilteringModule", `C:\x\defreq.dll`), 60},
	)
	b := newBench(t)
	i := b.add("triage.zip", data, intake.Import{})
	if i.Status != intake.Done || i.Skipped != 0 || i.Read != 16 {
		t.Fatalf("%s %s %+v", i.Status, i.Reason, i.Counts)
	}
	want := strings.Join([]string{"ShopTrace 12:10 yes not known unknown",
		"UpData 12:40 yes no logged change unknown", "After 12:50 yes not known unknown", "Gone 12:20 no no logged change unknown",
		"StaticFileModule 11:00 yes no logged change own"}, "\n")
	if got := b.rows("web01.corp.example"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	conf, err := b.store.Configuration(ctx, store.VerdictOf{Dest: "web01.corp.example"})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, v := range conf.History.Versions {
		for _, d := range v.Differences {
			line := v.Name() + ": " + d.Text() + ": "
			if d.Said != nil {
				line += fmt.Sprint("event at ", d.Said.At.Format("15:04"))
			} else {
				line += d.Why
			}
			said = append(said, line)
		}
	}
	wantSaid := `CFGHISTORY_0000000002: ShopTrace added to globalModules, image D:\shop\trace.dll: event at 12:10
CFGHISTORY_0000000003: Gone added to globalModules, image D:\gone.dll: No event, though the log here covers that time: ` +
		`edited by hand, or the channel was off then.
applicationHost.config: UpData added to globalModules, image C:\Windows\System32\system.dll: No event, though the log ` +
		`here covers that time: edited by hand, or the channel was off then.
applicationHost.config: Gone removed from globalModules, image D:\gone.dll: No event, though the log here covers that ` +
		`time: edited by hand, or the channel was off then.`
	if got := strings.Join(said, "\n"); got != wantSaid {
		t.Errorf("%s\nwant\n%s", got, wantSaid)
	}
	v, err := b.store.VerdictOf(ctx, store.VerdictOf{Dest: "web02"})
	if err != nil || !strings.Contains(v.Sentence, "RequestFilteringModule, a name of IIS's own") {
		t.Error(v.Sentence, err)
	}
	if l, err := b.store.Ledger(ctx, store.VerdictOf{Dest: "web02"}); err != nil ||
		l.Files[ledger.Configuration].Files != 1 ||
		l.Files[ledger.OldVersion].Files != 0 || l.Modules[len(l.Modules)-1].Hosts != 2 {
		t.Errorf("%+v, %v", l, err)
	}
	noSecret(t, b)

	again := b.add("triage-again.zip", data, intake.Import{})
	if again.SameAs != i.ID {
		t.Error("the same archive is not recognised")
	}
	if one := b.add("web01/"+inetsrv, []byte(with()), intake.Import{Computer: "WEB01.corp.example"}); one.SameAs != 0 {
		t.Errorf("%+v", one)
	}
	for _, id := range []int64{again.ID, i.ID} {
		if err := b.store.DeleteImport(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.rows("web01.corp.example"), "StaticFileModule 00:00 yes not known own"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if _, err := b.store.Ledger(ctx, store.VerdictOf{Dest: "web02"}); err == nil {
		t.Error("web02 is still there, with nothing of it")
	}
}

// noSecret: no literal key is in the database.
func noSecret(t *testing.T, b *bench) {
	t.Helper()
	files, err := b.store.ArtifactsOfImport(ctx, 1, 100)
	if err != nil || len(files) != 6 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		one, err := b.store.Artifact(ctx, f.ID)
		if f.Image != nil && len(one.Text) == 0 {
			continue
		}
		if err != nil || !strings.Contains(string(one.Text), "(masked") || strings.Contains(string(one.Text), "C0FFEE") {
			t.Errorf("%s, %v", one.Text, err)
		}
	}
	for _, name := range []string{b.store.Path(), b.store.Path() + "-wal"} {
		if data, err := os.ReadFile(name); err != nil || bytes.Contains(data, []byte("C0FFEE")) {
			t.Error(name, "holds a key", err)
		}
	}
}

// TestHostAsked: a file that nothing says the host of is asked for; without anybody to ask
// it is kept, and can be given its host.
func TestHostAsked(t *testing.T) {
	b := newBench(t)
	asked := b.add(inetsrv, []byte(configuration("A", `D:\a.dll`)), intake.Import{})
	if asked.Status != intake.Done || !strings.Contains(asked.Note, "Nothing says of which host") {
		t.Fatalf("%+v", asked)
	}
	again, err := b.im.Again(ctx, asked.ID, "UTC", "WEB07", "")
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.im.Admit(ctx, again)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := b.im.Run(ctx, id); err != nil || i.Status != intake.Done {
		t.Fatalf("%+v, %v", i, err)
	}
	if got, want := b.rows("web07"), "A 00:00 yes not known unknown"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	v, err := b.store.VerdictOf(ctx, store.VerdictOf{Dest: "web07"})
	if err != nil || !strings.HasPrefix(v.Sentence, `Unknown native module A stands in applicationHost.config`) ||
		v.Gravity.String() != "medium" {
		t.Error(v.Gravity, v.Sentence, err)
	}
}
