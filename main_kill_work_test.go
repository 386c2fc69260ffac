package main_test

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// workKills is how often a server is killed at work; ESCUTCHEON_KILLS says otherwise.
const workKills = 6

// eventsOfUpload is how many events an upload of a worker has.
const eventsOfUpload = 50

// atWork are those who work on a server that is killed: what they tried, and of each
// whether it was acknowledged.
type atWork struct {
	token string
	mu    sync.Mutex
	tried map[string]map[string]bool // "note", "case", "upload", "owner"
	ids   []string                   // of acknowledged imports
	owner string                     // the last one that was acknowledged
	// refused is what was answered instead, where it was answered.
	refused []string
}

func newAtWork(token string) *atWork {
	return &atWork{token: token, tried: map[string]map[string]bool{"note": {}, "case": {}, "upload": {}, "owner": {}}}
}

// done notes what came of an attempt, and says whether it was acknowledged.
func (a *atWork) done(kind, name string, r *http.Request, err error) (body []byte, ok bool) {
	a.mu.Lock()
	a.tried[kind][name] = false
	a.mu.Unlock()
	if err != nil {
		return nil, false
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+a.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, false
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	if answer.StatusCode >= 300 { // the server answers: what was asked for is well-formed
		a.refused = append(a.refused, fmt.Sprintf("%s %s: %d %s", kind, name, answer.StatusCode, body))
		return body, false
	}
	a.tried[kind][name] = true
	if kind == "owner" {
		a.owner = name
	}
	return body, err == nil
}

func (a *atWork) post(kind, name, to string, form url.Values) bool {
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	_, ok := a.done(kind, name, r, err)
	return ok
}

func (a *atWork) upload(host, at string) bool {
	var log, form bytes.Buffer
	for i := range eventsOfUpload {
		log.Write(nxlog(change(host, int64(i+1), noon.Add(time.Duration(i)*time.Minute), "/a")))
	}
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", host+".json")
	if err == nil {
		_, err = part.Write(log.Bytes())
	}
	if err != nil || w.Close() != nil {
		return false
	}
	r, err := http.NewRequest(http.MethodPost, at+"/imports", &form)
	if err == nil {
		r.Header.Set("Content-Type", w.FormDataContentType())
	}
	body, ok := a.done("upload", host, r, err)
	var answer struct{ Imports []struct{ ID json.Number } }
	if !ok || json.Unmarshal(body, &answer) != nil || len(answer.Imports) != 1 {
		return ok
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids = append(a.ids, answer.Imports[0].ID.String())
	return true
}

// ways are those in which they work on a server.
func (a *atWork) ways(at string) []func(name string) bool {
	return []func(name string) bool{
		func(n string) bool {
			return a.post("note", "n"+n, at+"/hosts/web01/notes", url.Values{"text": {"n" + n}})
		},
		func(n string) bool { return a.post("case", "c"+n, at+"/cases", url.Values{"title": {"c" + n}}) },
		func(n string) bool {
			return a.post("owner", "o"+n, at+"/hosts/web01/triage", url.Values{"owner": {"o" + n}})
		},
		func(n string) bool { return a.upload("h"+n, at) },
	}
}

// until works in four ways at once until the server is gone.
func (a *atWork) until(at string, round int) *sync.WaitGroup {
	var wg sync.WaitGroup
	for _, do := range a.ways(at) {
		wg.Go(func() {
			for i := 0; do(fmt.Sprintf("%d-%d-", round, i)); i++ {
			}
		})
	}
	return &wg
}

// TestKilledAtWork kills a server with accounts while people work on it, again and again:
// what was acknowledged is there, once, and nothing is there twice or in part.
func TestKilledAtWork(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; run without -short")
	}
	t.Parallel()
	c := newCLI(t)
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, noon, "/a"))))
	c.ok("user", "add", "Ann", "--password-file", write(t, "password", []byte("a long word of hers\n")))
	token := strings.TrimSpace(c.ok("token", "add", "--user", "Ann", "--role", "analyst", "work"))
	a := newAtWork(token)
	kills, err := strconv.Atoi(cmp.Or(os.Getenv("ESCUTCHEON_KILLS"), strconv.Itoa(workKills)))
	if err != nil {
		t.Fatal(err)
	}
	for round := range kills {
		s := serve(t, c.db, "--auth", "local")
		gone := a.until(s.url, round)
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		s.kill()
		gone.Wait()
	}
	acknowledged := a.isThere(t, c)
	t.Logf("%d kills, %d writes acknowledged, and %d owners tried", kills, acknowledged, len(a.tried["owner"]))
	if acknowledged < kills {
		t.Errorf("only %d writes were acknowledged", acknowledged)
	}
}

// isThere compares a database with what was tried and what was acknowledged, says how much
// was acknowledged, and checks the database. Nobody else may have it open.
func (a *atWork) isThere(t *testing.T, c *cli) (acknowledged int) {
	t.Helper()
	s := serve(t, c.db)
	for _, id := range a.ids {
		if i := s.wait(t, id); i.Status != "done" || i.Read != eventsOfUpload || i.New+i.Duplicate != eventsOfUpload {
			t.Errorf("import %s: %+v", id, i)
		}
	}
	there := map[string]map[string]int{"note": {}, "case": {}, "upload": {}}
	for _, row := range rows(t, s.get(t, "/hosts/web01/notes.csv"))[1:] {
		there["note"][row[7]]++
	}
	s.kill()
	d, err := sql.Open("sqlite", c.db)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var titles, owner string
	if err := d.QueryRow(`SELECT (SELECT json_group_array(title) FROM cases), (SELECT owner FROM triage
		WHERE kind = 'host' AND name = 'web01')`).Scan(&titles, &owner); err != nil {
		t.Fatal(err)
	}
	var cases []string
	if err := json.Unmarshal([]byte(titles), &cases); err != nil {
		t.Fatal(err)
	}
	for _, title := range cases {
		there["case"][title]++
	}
	if known, tried := a.tried["owner"][owner]; owner != a.owner && (known || !tried) {
		t.Errorf("the owner is %q, the last one that was acknowledged %q", owner, a.owner)
	}
	for _, row := range rows(t, c.ok("search", "--format", "csv", "host=h* | stats count by host"))[1:] {
		if there["upload"][row[0]]++; row[1] != strconv.Itoa(eventsOfUpload) {
			t.Errorf("of %s there are %s events", row[0], row[1])
		}
	}
	for kind, names := range there {
		for name, ok := range a.tried[kind] {
			if n := names[name]; n > 1 || ok && n != 1 {
				t.Errorf("%s %s, acknowledged: %t, is there %d times", kind, name, ok, n)
			}
			if ok {
				acknowledged++
			}
		}
		for name := range names {
			if _, tried := a.tried[kind][name]; !tried {
				t.Errorf("%s %q: nobody made it", kind, name)
			}
		}
	}
	if got := c.ok("check"); got != "The database is whole.\n" {
		t.Error(got)
	}
	return acknowledged
}
