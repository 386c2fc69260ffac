package handlers_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

type stixTestObject struct {
	Type    string   `json:"type"`
	ID      string   `json:"id"`
	Spec    string   `json:"spec_version"`
	Created string   `json:"created"`
	Name    string   `json:"name"`
	Source  string   `json:"source_ref"`
	Target  string   `json:"target_ref"`
	Of      string   `json:"sighting_of_ref"`
	By      string   `json:"created_by_ref"`
	Seen    []string `json:"observed_data_refs"`
	Objects []string `json:"object_refs"`
	Line    string   `json:"command_line"`
	PID     int64    `json:"pid"`
	Image   string   `json:"image_ref"`
	Parent  string   `json:"parent_ref"`
}

// A bundle names each object once, refers to nothing else, and is the same bytes twice.
func TestSTIX(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadHostile(t, s)
	body := s.Get(t, "/stix.json").Body
	if again := s.Get(t, "/stix.json?rule=all").Body; again != body {
		t.Error("two bundles of the same findings differ")
	}
	var b struct {
		Type, ID string
		Objects  []stixTestObject
	}
	if err := json.Unmarshal([]byte(body), &b); err != nil || b.Type != "bundle" {
		t.Fatalf("%v in %.300s", err, body)
	}
	id := regexp.MustCompile(`^([a-z-]+)--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	ids, types := map[string]bool{}, map[string]int{}
	for _, o := range b.Objects {
		if m := id.FindStringSubmatch(o.ID); m == nil || m[1] != o.Type || ids[o.ID] || o.Spec != "2.1" {
			t.Errorf("object %q of type %q, again: %v", o.ID, o.Type, ids[o.ID])
		}
		ids[o.ID] = true
		types[o.Type]++
	}
	for _, o := range b.Objects {
		for _, ref := range slices.Concat([]string{o.Source, o.Target, o.Of, o.By, o.Image, o.Parent}, o.Seen, o.Objects) {
			if ref != "" && !ids[ref] {
				t.Errorf("%s refers to %s, which is not there", o.ID, ref)
			}
		}
	}
	total := decodeJSON[struct{ Total int }](t, s.Get(t, "/findings?rule=all", "Accept", consoletest.JSON), 200).Total
	if total == 0 || types["sighting"] != total || types["observed-data"] != total || types["indicator"] == 0 ||
		types["attack-pattern"] == 0 || types["infrastructure"] != types["domain-name"] || types["domain-name"] < 2 {
		t.Errorf("%d findings make %v", total, types)
	}
}

// A process is told with its command line, number, image and parent, and observed.
func TestSTIXProcess(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Appcmd("web01", "anna", 1, consoletest.Noon, `<x> "y"`))
	var b struct{ Objects []stixTestObject }
	if err := json.Unmarshal([]byte(s.Get(t, "/stix.json?rule="+consoletest.AppcmdID).Body), &b); err != nil {
		t.Fatal(err)
	}
	by := map[string]stixTestObject{}
	var process stixTestObject
	var observed []string
	for _, o := range b.Objects {
		by[o.ID] = o
		if o.Line != "" {
			process = o
		}
		observed = append(observed, o.Objects...)
	}
	if !strings.Contains(process.Line, `<x> "y`) || process.PID != 0x2f1c || by[process.Image].Name != "appcmd.exe" ||
		by[by[process.Parent].Image].Name != "cmd.exe" {
		t.Errorf("%+v of %+v", process, b.Objects)
	}
	for _, id := range []string{process.ID, process.Image, process.Parent} {
		if !slices.Contains(observed, id) {
			t.Errorf("%s is not observed: %q", id, observed)
		}
	}
}

// A layer counts the findings of each technique, and says whose they are.
func TestNavigator(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("Web01", 1, consoletest.Noon, "/a"),
		consoletest.Change("web02", 1, consoletest.Noon, "/b")))
	type layer struct {
		Domain     string
		Versions   map[string]string
		Techniques []struct {
			ID      string `json:"techniqueID"`
			Score   int
			Comment string
		}
	}
	for path, score := range map[string]int{"/navigator.json?rule=" + consoletest.SeedID: 2,
		"/navigator.json?dest=web02&rule=" + consoletest.SeedID: 1, "/navigator.json?dest=none": 0} {
		a := s.Get(t, path)
		l := decodeJSON[layer](t, a, 200)
		if l.Domain != "enterprise-attack" || l.Versions["layer"] != "4.5" || l.Techniques == nil {
			t.Errorf("%s: %s", path, a.Body)
		}
		if score == 0 {
			if len(l.Techniques) != 0 {
				t.Errorf("%s: %s", path, a.Body)
			}
			continue
		}
		if len(l.Techniques) == 0 || l.Techniques[0].Score != score || !strings.Contains(l.Techniques[0].Comment, "web02") {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	if a := s.Do(t, http.MethodGet, "/navigator.json?status=none", nil); a.Status != http.StatusBadRequest {
		t.Errorf("a status that is none: %d", a.Status)
	}
}

// A timeline has the first and the last event of a finding, in either form.
func TestTimesketch(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("=web01", 1, consoletest.Noon, "/a"),
		consoletest.Change("=web01", 2, consoletest.Noon.Add(time.Minute), "/a"),
		consoletest.Change("web02", 1, consoletest.Noon, "/b")))
	rows := consoletest.Rows(t, s.Get(t, "/timesketch.csv?rule="+consoletest.SeedID))
	if got := strings.Join(rows[0], ","); got != "message,datetime,timestamp_desc,dest,rule,finding_id,count,status,tag,"+
		"timestamp" {
		t.Errorf("header %s", got)
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, strings.Join([]string{r[1], r[2], r[3], r[6], r[7]}, " "))
	}
	at, later := consoletest.Noon.UTC(), consoletest.Noon.Add(time.Minute).UTC()
	const form = "2006-01-02T15:04:05.000000+00:00"
	want := []string{at.Format(form) + " First event '=web01 2 New", later.Format(form) + " Last event '=web01 2 New",
		at.Format(form) + " Event web02 1 New"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	lines := strings.Split(strings.TrimSpace(s.Get(t, "/timesketch.jsonl?rule="+consoletest.SeedID).Body), "\n")
	if len(lines) != 3 {
		t.Fatalf("%q", lines)
	}
	for i, line := range lines {
		var m struct {
			Message, Datetime, Dest string
			Tag                     []string
			Timestamp               int64
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.Datetime != rows[i+1][1] || m.Message == "" ||
			m.Dest != strings.TrimPrefix(rows[i+1][3], "'") || strings.Join(m.Tag, ",") != rows[i+1][8] ||
			time.UnixMicro(m.Timestamp).UTC().Format(form) != m.Datetime || strconv.FormatInt(m.Timestamp, 10) != rows[i+1][9] {
			t.Errorf("line %q of row %q: %v", line, rows[i+1], err)
		}
	}
}
