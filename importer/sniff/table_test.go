package sniff_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"escutcheon/importer/sniff"
)

var update = flag.Bool("update", false, "write the table of docs/formats.md anew")

// TestTable: each row says all that a row must.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sniff.Formats() {
		if seen[s.ID] || seen[s.Name] {
			t.Errorf("%s, %s: there are two", s.ID, s.Name)
		}
		seen[s.ID], seen[s.Name] = true, true
		for what, v := range map[string]string{"ID": s.ID, "Name": s.Name, "WrittenBy": s.WrittenBy, "Files": s.Files,
			"Message": s.Message,
			"OpCode":  s.OpCode, "Computer": s.Computer, "Time": s.Time, "Number": s.Number, "Data": s.Data} {
			if v == "" {
				t.Errorf("%s has no %s", s.ID, what)
			}
		}
		if s.Decoder == nil || s.Decoder.Is == nil || (s.Decoder.New == nil) == (s.Decoder.NewBinary == nil) {
			t.Fatalf("%s has no decoder, or half of one, or two", s.ID)
		}
		if (s.Decoder.One == nil) != (s.Decoder.Split == nil) {
			t.Errorf("%s: One and Split belong together", s.ID)
		}
		if (s.Of == "") != (s.Group == "") || s.Kind == "" && s.Of != "" {
			t.Errorf("%s: of %q, of the group %q", s.ID, s.Of, s.Group)
		}
		if asked := strings.Contains(s.Time, "asked"); asked && !s.Zoneless {
			t.Errorf("%s: the zone is asked for and no time lacks it", s.ID)
		}
		if got := sniff.NameOf(s.ID); got != s.Name {
			t.Errorf("%s is called %q, want %q", s.ID, got, s.Name)
		}
		if sniff.Zoneless(s.ID) != s.Zoneless || sniff.RankOf(s.ID) != s.Rank ||
			sniff.Binary(s.ID) != (s.Decoder.NewBinary != nil) {
			t.Errorf("%s: zoneless %v, rank %d, binary %v", s.ID, sniff.Zoneless(s.ID), sniff.RankOf(s.ID), sniff.Binary(s.ID))
		}
	}
	if got := sniff.NameOf("zip"); got != "zip" || sniff.Zoneless("zip") || sniff.Binary("zip") ||
		sniff.RankOf("zip") != sniff.RankText {
		t.Errorf("what is in no row is called %q", got)
	}
}

// TestRank: EVTX says most of an event, then XML, then JSON, then all else.
func TestRank(t *testing.T) {
	for _, s := range sniff.Formats() {
		want := sniff.RankText
		switch {
		case s.ID == sniff.EVTX:
			want = sniff.RankEVTX
		case s.ID == sniff.EventXML:
			want = sniff.RankXML
		case s.Kind == sniff.JSON:
			want = sniff.RankJSON
		}
		if s.Rank != want {
			t.Errorf("%s has rank %d, want %d", s.ID, s.Rank, want)
		}
	}
	if sniff.RankEVTX >= sniff.RankXML || sniff.RankXML >= sniff.RankJSON || sniff.RankJSON >= sniff.RankText {
		t.Error("the ranks do not rise")
	}
}

// TestEveryFormatIsWritten: the tests of this package read a log of each
// format; those that no writer of demo/logwriter writes are read from samples
// and by hand.
func TestEveryFormatIsWritten(t *testing.T) {
	have := map[string]bool{
		sniff.EVTX:        true, // evtxtest writes it: importer/evtxlog, importer/evtx_test.go
		sniff.WrappedJSON: true, // importer/eventjson
		sniff.IISModules:  true, // importer/pwshinput
	}
	for f := range forms {
		have[f] = true
	}
	for _, w := range writers {
		have[w.format] = true
	}
	for _, s := range shapes {
		have[s.format] = true
	}
	for _, r := range requestLogs {
		have[r.format] = true
	}
	for _, s := range sniff.Formats() {
		if !have[s.ID] {
			t.Errorf("no test writes %s: add it to shapes (JSON) or writers (all else), with a writer in demo/logwriter", s.ID)
		}
	}
}

// TestWords: the sentences that say what is read.
func TestWords(t *testing.T) {
	const short = "EVTX, classic Splunk text, event XML, and the JSON, CSV or text of agents, Splunk, EVTX tools, Azure, PowerShell, Event Viewer and IIS"
	if got := sniff.Reads(); got != short {
		t.Errorf("%s, want\n%s", got, short)
	}
	if got, want := sniff.Accepted(), "Escutcheon reads Windows event logs: "+short+
		"; also compressed (.gz, .zst, .xz, .bz2) and in archives (.zip, .7z, .tar)."; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	readme := text(t, "README.md")
	if words := readsAll(); !strings.Contains(readme, "Read are "+words+". ") {
		t.Errorf("README.md does not say what the table does. It should say:\nRead are %s.", words)
	}
}

// readsAll is Reads with everybody whose formats are read, as README has it.
func readsAll() string {
	var own []string
	of := map[sniff.Kind][]string{}
	for _, s := range sniff.Formats() {
		switch {
		case s.Kind == "":
			own = append(own, s.Name)
		case s.Of != "":
			of[s.Kind] = append(of[s.Kind], s.Of)
		}
	}
	out := strings.Join(own, ", ")
	for _, k := range []sniff.Kind{sniff.JSON, sniff.CSV, sniff.Text} {
		out += "; the " + string(k) + " of " + sniff.Listed(of[k])
	}
	return out
}

// TestDocs compares the table of docs/formats.md with the one here.
func TestDocs(t *testing.T) {
	const name = "docs/formats.md"
	lines := strings.Split(text(t, name), "\n")
	from := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "| format ") })
	if from < 0 {
		t.Fatalf("%s has no table of formats", name)
	}
	to := from
	for to < len(lines) && strings.HasPrefix(lines[to], "|") {
		to++
	}
	got, want := lines[from:to], markdown()
	if slices.Equal(got, want) {
		return
	}
	if !*update {
		for _, l := range want {
			if !slices.Contains(got, l) {
				t.Errorf("%s lacks %s", name, l)
			}
		}
		t.Fatalf("%s differs from the table of formats. Run: go test ./importer/sniff -run TestDocs -update", name)
	}
	if err := os.WriteFile("../../"+name, []byte(strings.Join(slices.Replace(lines, from, to, want...), "\n")),
		0o666); err != nil {
		t.Fatal(err)
	}
}

// markdown is the table as the documentation has it.
func markdown() []string {
	out := []string{
		"| format | written by | usual names | Message | OpCode | Computer | Zone, precision | Record number | Names |",
		"|---|---|---|---|---|---|---|---|---|"}
	for _, s := range sniff.Formats() {
		out = append(out, fmt.Sprintf("| `%s` | %s | `%s` | %s | %s | %s | %s | %s | %s |", s.ID,
			strings.ReplaceAll(s.WrittenBy, "|", `\|`),
			strings.ReplaceAll(s.Files, " ", "` `"), s.Message, s.OpCode, s.Computer, s.Time, s.Number, s.Data))
	}
	return out
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
