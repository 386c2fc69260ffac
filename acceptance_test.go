package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// inUTC are the files of the acceptance set whose times are UTC.
var inUTC = []string{"text.log", "xml-oneline.xml", "xml-wrapped-rendered-utf16.xml", "nxlog.ndjson",
	"winlogbeat.ndjson.gz"}

// acceptance is the reference: the rows of the findings, and the first five columns
// of the risk.
type acceptance struct {
	dir            string
	findings, risk [][]string
}

func readAcceptance(t testing.TB) acceptance {
	t.Helper()
	a := acceptance{dir: sharedDir(t, "acceptance")}
	for name, to := range map[string]*[][]string{"findings.csv": &a.findings, "risk.csv": &a.risk} {
		data, err := os.ReadFile(filepath.Join(a.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		*to = rows(t, string(data))
	}
	return a
}

func (a acceptance) paths(names ...string) (out []string) {
	for _, n := range names {
		out = append(out, filepath.Join(a.dir, n))
	}
	return out
}

// check compares the cells of both tables with the reference.
func (a acceptance) check(t testing.TB, what, findings, risk string) {
	t.Helper()
	sameRows(t, what+": findings", rows(t, findings), a.findings)
	five := rows(t, risk)
	for i := range five {
		five[i] = five[i][:5]
	}
	sameRows(t, what+": risk", five, a.risk)
}

// sameRows names the first row that differs.
func sameRows(t testing.TB, what string, got, want [][]string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s, row %d:\n got %q\nwant %q", what, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
}

func TestAcceptanceCommandLine(t *testing.T) {
	a := readAcceptance(t)
	backwards := slices.Clone(inUTC)
	slices.Reverse(backwards)
	kolkata := []string{"--zone", "Asia/Kolkata"}
	calls := map[string][][]string{
		"text-kolkata.log alone":       {append(kolkata, a.paths("text-kolkata.log")...)},
		"text-kolkata.log twice":       {append(kolkata, a.paths("text-kolkata.log", "text-kolkata.log")...)},
		"the five together":            {a.paths(inUTC...)},
		"the five backwards":           {a.paths(backwards...)},
		"the five, twice":              {a.paths(inUTC...), a.paths(inUTC...)},
		"all six, each in its zone":    {a.paths(inUTC...), append(kolkata, a.paths("text-kolkata.log")...)},
		"the text in both zones first": {append(kolkata, a.paths("text-kolkata.log")...), a.paths(inUTC...)},
	}
	for _, f := range inUTC {
		calls[f+" alone"] = [][]string{a.paths(f)}
		calls[f+" twice"] = [][]string{a.paths(f), a.paths(f)}
	}
	for name, imports := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t)
			for _, args := range imports {
				c.ok("import", args...)
			}
			a.check(t, name, c.ok("findings", "--format", "csv"), c.ok("risk", "--rule", seedID, "--format", "csv"))
		})
	}
}

// TestAcceptanceUploads: the five at once, each twice, by as many requests.
func TestAcceptanceUploads(t *testing.T) {
	a := readAcceptance(t)
	s := serve(t, filepath.Join(t.TempDir(), "test.db"))
	var wg sync.WaitGroup
	ids := make(chan string, 100)
	for _, name := range slices.Concat(inUTC, inUTC) {
		data, err := os.ReadFile(filepath.Join(a.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for _, i := range s.upload(t, name, bytes.NewReader(data)) {
				ids <- i
			}
		})
	}
	wg.Wait()
	close(ids)
	n, fresh := 0, int64(0)
	for id := range ids {
		i := s.wait(t, id)
		if i.Status != "done" || i.Read != 251 || i.New+i.Duplicate != 251 || i.Rejected != 0 {
			t.Errorf("%+v", i)
		}
		n, fresh = n+1, fresh+i.New
	}
	if n != 10 || fresh != 242 {
		t.Errorf("%d imports brought %d new events, want 10 and 242", n, fresh)
	}
	a.check(t, "uploads", s.get(t, "/findings.csv"), s.get(t, "/risk.csv?rule="+seedID))
	a.check(t, "uploads, the rule by its name", s.get(t, "/findings.csv?rule="+url.QueryEscape(seedName)),
		s.get(t, "/risk.csv?rule="+url.QueryEscape(seedName)))
}

// upload sends one file and returns the ids of the imports.
func (s *served) upload(t testing.TB, name string, data io.Reader) (ids []string) {
	t.Helper()
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, data)
		}
		if err == nil {
			err = form.Close()
		}
		pw.CloseWithError(err)
	}()
	req, err := http.NewRequest(http.MethodPost, s.url+"/imports", pr)
	if err != nil {
		t.Error(err)
		return nil
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer resp.Body.Close()
	var answer struct {
		Imports []struct{ ID json.Number }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusAccepted {
		t.Errorf("%s: status %d, %v", name, resp.StatusCode, err)
	}
	for _, i := range answer.Imports {
		ids = append(ids, i.ID.String())
	}
	return ids
}
