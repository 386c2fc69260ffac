package ledger_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/peimage/petest"
	"escutcheon/detection"
	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

// library is a collected file of a module.
func library(id int64, name string, d petest.DLL) artifact.File {
	f := artifact.Read(name, d.Bytes())
	f.ID, f.Modified = id, noon
	return *f
}

// TestModuleFiles: the files of modules stand by their rows, with what is odd about them;
// one that nothing registers has a row of its own.
func TestModuleFiles(t *testing.T) {
	native := petest.DLL{Name: "evil.dll", Exports: []string{"RegisterModule"}, PDB: `A:\x\Release\Dongtai.pdb`,
		Version: map[string]string{"CompanyName": "Microsoft Corporation"}, Linked: noon.AddDate(0, 0, -3)}
	files := []artifact.File{
		config(1, 0, 30, `<add name="Evil" image="%windir%\System32\evil.dll"/><add name="Not" image="D:\not.dll"/>`, ""),
		library(2, "C/Windows/System32/evil.dll", native),
		library(3, "D:/not.dll", petest.DLL{Name: "other.dll", Exports: []string{"Run"}, Linked: noon.AddDate(0, 1, 0)}),
		library(4, "C/ProgramData/left.dll", petest.DLL{Name: "left.dll", Exports: []string{"RegisterModule"}}),
		library(5, "C/Windows/System32/kernel32.dll", petest.DLL{Name: "kernel32.dll", Exports: []string{"Sleep"}}),
	}
	known := ledger.NewKnown([]ledger.Entry{{Kind: ledger.KindHash, Value: files[2].SHA256, Judgement: ledger.Product,
		Note: "ours"}})
	h := onfile.Make(files, nil, verdict.Log{})
	rows := map[string]ledger.Module{}
	for _, m := range ledger.MakeOf(ledger.Sources{OnFile: h, Files: files}, known) {
		rows[m.Name] = m
	}
	if len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
	for name, want := range map[string][]string{
		"Evil": {"unknown", "yes", files[1].SHA256, "native module, 64-bit, no certificate", "Dongtai",
			"says it is Microsoft's, and has no certificate"},
		"Not":      {"known", "yes", files[2].SHA256, "is no native module", "other.dll", "linked after"},
		"left.dll": {"unknown", "no", files[3].SHA256, "nothing here registers it"},
	} {
		m := rows[name]
		says := m.Reason
		for _, e := range m.Evidence {
			says += "\n" + e.Text
		}
		if m.Judged != want[0] || string(m.Present) != want[1] || m.Hash != want[2] {
			t.Errorf("%s: %s, %s, %s", name, m.Judged, m.Present, m.Hash)
		}
		for _, w := range want[3:] {
			if !strings.Contains(says, w) {
				t.Errorf("%s: %q is not said in %s", name, w, says)
			}
		}
	}
	if len(detection.Pieces(`C:\x\isn7\release\ISN7.pdb`, "MICROSOFT Credental.dll")) != 2 {
		t.Error("published names are not found")
	}
}

// TestAssemblies: a managed module stands by the assembly that its type names, whatever its
// file is called; a type alone by the assembly that has it.
func TestAssemblies(t *testing.T) {
	files := []artifact.File{
		config(1, 0, 30, "", `<modules><add name="Named" type="A.Evil, Inner, Version=1.2.3.4, Culture=neutral"/>`+
			`<add name="Alone" type="B.Bare"/><add name="Away" type="A.Evil, Elsewhere"/></modules>`),
		library(2, "C/inetpub/bin/renamed.dll", petest.DLL{Name: "Inner.dll", Types: []string{"A.Evil"}}),
		library(3, "C/inetpub/bin/App_Web_1.dll", petest.DLL{Name: "other.dll", Types: []string{"B.Bare"}}),
	}
	h := onfile.Make(files, nil, verdict.Log{})
	got := map[string]string{}
	for _, m := range ledger.MakeOf(ledger.Sources{OnFile: h, Files: files}, ledger.NewKnown(nil)) {
		got[m.Name] = m.Hash
	}
	if got["Named"] != files[1].SHA256 || got["Alone"] != files[2].SHA256 || got["Away"] != "" {
		t.Errorf("%v", got)
	}
}

// TestUnseenBase: of a type that is derived from one of an assembly that is not here the row
// says so, and not that it is no module; a nested type finds its assembly.
func TestUnseenBase(t *testing.T) {
	says := map[string]string{}
	for _, m := range ledgerOf(config(1, 0, 30, "", `<modules><add name="Far" type="A.Far, My"/>`+
		`<add name="Bare" type="A.Far"/><add name="Near" type="A.Outer+In, My"/><add name="Not" type="A.Outer, My"/></modules>`),
		library(2, "C/inetpub/bin/My.dll", petest.DLL{Name: "My.dll", Others: []string{"A.Outer"}, Derived: []petest.Derived{
			{Type: "A.Far", Base: "Lib.Base", Of: "Lib"}, {Type: "A.Outer+In", Base: "Lib.Base", Of: "Lib"}}})) {
		for _, e := range m.Evidence {
			says[m.Name] += e.Text
		}
	}
	const base, none = "has the base type Lib.Base of assembly Lib, not seen", "no type in it implements"
	for name, want := range map[string]string{"Far": base, "Bare": base, "Near": "A.Outer+In " + base, "Not": none} {
		if !strings.Contains(says[name], want) || want != none && strings.Contains(says[name], none) {
			t.Errorf("%s: %s", name, says[name])
		}
	}
}

// TestListed: a list that a tool printed adds what it alone names, and says what it lacks.
func TestListed(t *testing.T) {
	list := artifact.Read("modules.txt", []byte("MODULE \"Evil\" ( native, preCondition: )\n"+
		"MODULE \"Ghost\" ( native )\n"))
	list.ID, list.Modified = 7, noon.Add(time.Hour)
	files := []artifact.File{config(1, 0, 30, `<add name="Evil" image="C:\evil.dll"/>`+
		`<add name="Hidden" image="C:\h.dll"/>`, ""), *list}
	got := map[string]ledger.Module{}
	for _, m := range ledgerOf(files...) {
		got[m.Name] = m
	}
	if m := got["Ghost"]; m.Present != ledger.Unknown || !strings.Contains(m.Reason, "the configuration does not") {
		t.Errorf("%+v", m)
	}
	if m := got["Hidden"]; !strings.Contains(m.Reason, "not in the list that appcmd") {
		t.Errorf("%+v", m)
	}
	if e := got["Evil"].Evidence; e[len(e)-1].Source != ledger.Listing || e[len(e)-1].Line != 1 {
		t.Errorf("%+v", e)
	}
	for _, m := range ledgerOf(*list) {
		if m.Present != ledger.Yes {
			t.Errorf("a list alone: %+v", m)
		}
	}
}

// TestLoads: what worker processes loaded stands by its row, and what nothing registers
// has one where it is of note.
func TestLoads(t *testing.T) {
	changes := []verdict.Change{change(0, detection.ModuleAdded, "Evil", `%windir%\System32\inetsrv\evil.dll`, server)}
	load := func(image string, failed bool) ledger.Load {
		return ledger.Load{Image: image, First: noon, Last: noon.Add(time.Hour), Times: 3, Event: 7, Failed: failed}
	}
	var got []string
	for _, m := range ledger.MakeOf(ledger.Sources{Changes: changes, Loads: []ledger.Load{
		load(`C:\Windows\System32\inetsrv\EVIL.dll`, false), load(`C:\Windows\System32\inetsrv\static.dll`, false),
		load(`C:\Windows\System32\inetsrv\odd.dll`, true), load(`D:\app\native.dll`, false),
		load(`C:\Windows\System32\inetsrv\caches.dll`, false)}}, nil) {
		got = append(got, m.Name+" "+m.Judged+" "+m.Evidence[len(m.Evidence)-1].Text)
	}
	want := []string{"caches.dll bad loaded by a worker process, 3 times since 2026-03-11 12:00:00 UTC",
		"Evil unknown loaded by a worker process, 3 times since 2026-03-11 12:00:00 UTC",
		"odd.dll unknown a worker process failed to load it, 3 times since 2026-03-11 12:00:00 UTC"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
