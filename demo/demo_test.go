package demo_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"escutcheon/demo"
)

// seen is what the tests need of a record, whatever its format.
type seen struct {
	code             int
	at               time.Time
	computer, change string // change: the Configuration path, event 29 only
	after            string
}

var (
	now      = time.Date(2026, 7, 15, 10, 42, 17, 0, time.UTC)
	headline = regexp.MustCompile(`(?m)^(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d(?:\.\d{3})? [AP]M)\r\nLogName=`)
	changed  = regexp.MustCompile(`Message=Changes to '(.*?)' at '`)
)

// write writes the logs for now and reads them back, by file.
func write(t *testing.T, now time.Time) [3][]seen {
	t.Helper()
	paths, err := demo.Write(filepath.Join(t.TempDir(), "new", "dir"), now)
	if err != nil || len(paths) != 4 {
		t.Fatal(paths, err)
	}
	var data [3][]byte
	for i, p := range paths[:3] {
		if data[i], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	zr, err := gzip.NewReader(bytes.NewReader(data[2]))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return [3][]seen{readText(t, data[0]), readXML(t, data[1]), readJSON(t, lines)}
}

func readText(t *testing.T, data []byte) (out []seen) {
	starts := headline.FindAllSubmatchIndex(data, -1)
	for i, m := range starts {
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		record := string(data[m[0]:end])
		at, err := time.Parse("01/02/2006 03:04:05 PM", string(data[m[2]:m[3]]))
		if err != nil {
			t.Fatal(err)
		}
		s := seen{at: at, computer: line(record, "ComputerName")}
		if line(record, "EventCode") == "29" {
			s.code, s.change = 29, changed.FindStringSubmatch(record)[1]
		}
		out = append(out, s)
	}
	return out
}

func line(record, name string) string {
	_, rest, _ := strings.Cut(record, "\r\n"+name+"=")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

func readXML(t *testing.T, data []byte) (out []seen) {
	for l := range bytes.Lines(data) {
		var e struct {
			System struct {
				EventID     int
				Computer    string
				TimeCreated struct {
					SystemTime time.Time `xml:",attr"`
				}
			}
			EventData struct {
				Data []struct {
					Name  string `xml:",attr"`
					Value string `xml:",chardata"`
				}
			}
			RenderingInfo *struct{}
		}
		if err := xml.Unmarshal(l, &e); err != nil || e.RenderingInfo != nil {
			t.Fatalf("%v in %s", err, l)
		}
		s := seen{code: e.System.EventID, at: e.System.TimeCreated.SystemTime, computer: e.System.Computer}
		for _, d := range e.EventData.Data {
			switch d.Name {
			case "Configuration":
				s.change = d.Value
			case "NewValue":
				s.after = d.Value
			}
		}
		out = append(out, s)
	}
	return out
}

func readJSON(t *testing.T, data []byte) (out []seen) {
	for l := range bytes.Lines(data) {
		var e struct {
			EventID                                      int
			EventTime, Hostname, Configuration, NewValue string
		}
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		at, err := time.Parse(time.DateTime, e.EventTime)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, seen{e.EventID, at, e.Hostname, e.Configuration, e.NewValue})
	}
	return out
}

func TestEveryServerTenDays(t *testing.T) {
	end := now.Truncate(time.Hour)
	hosts := []string{"web01.corp.example", demo.AdminHost, demo.PlantedHost}
	for i, records := range write(t, now) {
		if len(records) < 1000 || len(records) > 5000 {
			t.Errorf("%s: %d records", hosts[i], len(records))
		}
		var changes int
		var last time.Time
		for _, r := range records {
			if r.computer != hosts[i] {
				t.Fatalf("a record of %s in the file of %s", r.computer, hosts[i])
			}
			if r.at.Before(last) || r.at.Before(end.AddDate(0, 0, -10)) || !r.at.Before(end) {
				t.Fatalf("%s: %s out of order or out of the ten days", hosts[i], r.at)
			}
			last = r.at
			if r.code == 29 {
				changes++
			}
		}
		if changes < 25 || changes > 200 {
			t.Errorf("%s: %d changes", hosts[i], changes)
		}
		if now.Sub(last) > 3*time.Hour {
			t.Errorf("%s ends at %s, now is %s", hosts[i], last, now)
		}
	}
}

func modulePaths(name string) []string {
	global := `/system.webServer/globalModules/add[@name="` + name + `"]`
	module := `/system.webServer/modules/add[@name="` + name + `"]`
	return []string{global, global + "/@name", global + "/@image", module, module + "/@name"}
}

// The planted module must be found whatever day and hour the logs end at, in
// the last three days, and its host must lead the list of hosts.
func TestWhateverTheDay(t *testing.T) {
	days := 14
	if testing.Short() {
		days = 2
	}
	for n := range days {
		at := now.Add(time.Duration(n) * 25 * time.Hour)
		files := write(t, at)
		checkModule(t, files[2], at.AddDate(0, 0, -3), append([]string{"/system.webServer/httpLogging/@dontLog"},
			modulePaths(demo.PlantedModule)...), demo.PlantedImage)
		checkModule(t, files[1], at.AddDate(0, 0, -7), modulePaths(demo.AdminModule), demo.AdminImage)
		checkRank(t, files, at)
	}
}

// checkRank wants most risk events (distinct changes in a scheduled window of
// an hour, over the last 168 hours) on the planted host.
func checkRank(t *testing.T, files [3][]seen, now time.Time) {
	t.Helper()
	var count [3]int
	for i, records := range files {
		windows := map[string]bool{}
		for _, r := range records {
			if r.change != "" && now.Sub(r.at) < 168*time.Hour {
				windows[r.at.Add(10*time.Minute).Truncate(time.Hour).String()+r.change] = true
			}
		}
		count[i] = len(windows)
	}
	if count[2] <= count[0] || count[2] <= count[1] {
		t.Errorf("%s: risk events of web01, web02, exch01: %v", now, count)
	}
}

// checkModule wants the changes after the given time, in this order and once.
func checkModule(t *testing.T, records []seen, after time.Time, want []string, image string) {
	t.Helper()
	var got []string
	for _, r := range records {
		if !strings.Contains(r.change, "odules/") && !strings.Contains(r.change, "dontLog") {
			continue
		}
		got = append(got, r.change)
		if r.at.Before(after) {
			t.Errorf("%s at %s", r.change, r.at)
		}
		if strings.HasSuffix(r.change, "/@image") && r.after != image || strings.HasSuffix(r.change, "dontLog") &&
			r.after != "true" {
			t.Errorf("%s is set to %q", r.change, r.after)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("changes to modules and logging:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSameHourSameBytes(t *testing.T) {
	a, b, later := read(t, now), read(t, now.Add(10*time.Minute)), read(t, now.Add(time.Hour))
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			t.Errorf("file %d differs within the hour", i)
		}
		if bytes.Equal(a[i], later[i]) {
			t.Errorf("file %d is the same an hour later", i)
		}
	}
}

func read(t *testing.T, now time.Time) (out [][]byte) {
	paths, err := demo.Write(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func TestUnwritableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if paths, err := demo.Write(file, now); err == nil {
		t.Error("no error, but", paths)
	}
}
