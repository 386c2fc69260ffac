package main_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// secondRounds is how often every command is called beside a server; ESCUTCHEON_SECOND
// says otherwise.
const secondRounds = 1

const hers = "a long word of hers"

// inOwnWords are SQLite's and the system's, which nobody should see.
var inOwnWords = regexp.MustCompile(`SQLITE|SQL logic|database is locked|database or disk|disk I/O|\((5|10|13|14|261|517)\)|` +
	`no space left|goroutine |panic`)

// person is a browser at a server with accounts.
type person struct {
	t    testing.TB
	at   string
	http *http.Client
}

func newPerson(t testing.TB, at string) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t, at, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// ask asks as a browser does, or as a program with a token, and returns the status.
func (p *person) ask(method, path string, form url.Values, token string) int {
	p.t.Helper()
	status, _ := p.send(method, path, "application/x-www-form-urlencoded", []byte(form.Encode()), token)
	return status
}

func (p *person) send(method, path, kind string, body []byte, token string) (status int, said string) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.at+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept", "text/html")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	a, err := p.http.Do(r)
	if err != nil {
		p.t.Error(err)
		return 0, ""
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		p.t.Error(path, err)
	}
	return a.StatusCode, string(b)
}

func (p *person) signIn(name, password string) int {
	p.t.Helper()
	return p.ask("POST", "/login", url.Values{"name": {name}, "password": {password}}, "")
}

// together works in all ways, and signs in and out, until it is told to stop.
func (a *atWork) together(t *testing.T, at string, round int) (stop func()) {
	var wg sync.WaitGroup
	var over atomic.Bool
	p := newPerson(t, at)
	signs := func(n string) bool {
		name := "s" + n
		if got := p.signIn("Ann", hers); got == http.StatusServiceUnavailable {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.refused = append(a.refused, "signing in: 503 ")
			return false
		} else if got != http.StatusSeeOther {
			t.Errorf("Ann does not come in: %d", got)
		}
		a.mu.Lock()
		a.tried["note"][name] = false
		a.mu.Unlock()
		got := p.ask("POST", "/hosts/web01/notes", url.Values{"text": {name}}, "")
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.tried["note"][name] = got == http.StatusSeeOther; got != http.StatusSeeOther {
			a.refused = append(a.refused, fmt.Sprintf("a note with a session: %d ", got))
		}
		return p.ask("POST", "/logout", nil, "") == http.StatusSeeOther
	}
	for _, do := range append(a.ways(at), signs) {
		wg.Go(func() {
			for i := 0; !over.Load(); i++ {
				do(fmt.Sprintf("%d-%d-", round, i))
			}
		})
	}
	return func() { over.Store(true); wg.Wait() }
}

// TestSecondProcess calls every command that opens a database, and a second server, beside
// a server with accounts on which people work: nothing that was acknowledged is lost,
// what is refused is told in a sentence, and sessions and tokens go on. Who is disabled by
// the command line is out of the server at once.
func TestSecondProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; run without -short")
	}
	t.Parallel()
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("ESCUTCHEON_SECOND"), strconv.Itoa(secondRounds)))
	if err != nil {
		t.Fatal(err)
	}
	c := newCLI(t)
	word := write(t, "password", []byte(hers+"\n"))
	c.ok("import", write(t, "a.json", nxlog(change("web01", 1, noon, "/a"))))
	tokens := map[string]string{}
	for _, name := range []string{"Ann", "Ben", "Cid"} {
		c.ok("user", "add", name, "--password-file", word)
		tokens[name] = strings.TrimSpace(c.ok("token", "add", "--user", name, "--role", "analyst", "work"))
	}
	a := newAtWork(tokens["Ann"])
	foreign := foreignCase(t)
	a.tried["case"]["foreign"] = true
	s := serve(t, c.db, "--auth", "local")
	ben, cid := newPerson(t, s.url), newPerson(t, s.url)
	if ben.signIn("Ben", hers) != 303 || cid.signIn("Cid", hers) != 303 {
		t.Fatal("Ben and Cid do not come in")
	}
	stop := a.together(t, s.url, 0)
	dir := t.TempDir()
	for round := range rounds {
		a.commands(t, c, round, word, foreign, dir)
		a.secondServer(t, c, rounds+round)
		if ben.ask("GET", "/", nil, "") != 200 || ben.ask("GET", "/", nil, tokens["Ben"]) != 200 {
			t.Error("a session or a token has ended")
		}
	}
	for what, token := range map[string]string{"session": "", "token": tokens["Cid"]} {
		if got := cid.ask("GET", "/", nil, token); got != 200 {
			t.Errorf("Cid's %s: %d", what, got)
		}
	}
	c.ok("user", "disable", "Cid")
	for what, token := range map[string]string{"session": "", "token": tokens["Cid"]} {
		want := map[string]int{"session": 303, "token": 401}[what]
		if got := cid.ask("GET", "/", nil, token); got != want {
			t.Errorf("the %s of who was disabled: %d", what, got)
		}
	}
	if got := cid.signIn("Cid", hers); got != 401 {
		t.Errorf("who was disabled signs in: %d", got)
	}
	stop()
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the server's log:\n%s", s.log)
	}
	for _, answer := range a.refused {
		if !strings.Contains(answer, ": 503 ") || inOwnWords.MatchString(answer) {
			t.Errorf("refused: %s", answer)
		}
	}
	s.kill()
	again := serve(t, c.db, "--auth", "local")
	ben.at = again.url
	if ben.ask("GET", "/", nil, "") != 200 || ben.ask("GET", "/", nil, tokens["Ben"]) != 200 {
		t.Error("a session or a token has ended with the server")
	}
	again.kill()
	for round := range rounds {
		if got := c.ok("user", "list"); !strings.Contains(got, fmt.Sprintf("Dee%d: viewer\n", round)) {
			t.Errorf("Dee%d is not there: %s", round, got)
		}
	}
	t.Logf("%d rounds, %d writes acknowledged, %d refused", rounds, a.isThere(t, c), len(a.refused))
}

// foreignCase is a case file of another database.
func foreignCase(t *testing.T) (file string) {
	t.Helper()
	c := filed(t)
	s := serve(t, c.db)
	s.send(t, "/cases", url.Values{"title": {"foreign"}, "event": {"1"}, "author": {"zoe"}})
	s.kill()
	file = filepath.Join(t.TempDir(), "foreign.zip")
	c.ok("case", "export", "1", file)
	return file
}

// commands calls every command beside a server: each does its work, or says why not.
func (a *atWork) commands(t *testing.T, c *cli, round int, word, foreign, dir string) {
	t.Helper()
	host, out := fmt.Sprintf("hc%d", round), filepath.Join(dir, fmt.Sprint(round))
	var log []byte
	for i := range eventsOfUpload {
		log = append(log, nxlog(change(host, int64(i+1), noon, fmt.Sprintf("/%d", i%9)))...)
	}
	name := fmt.Sprintf("Dee%d", round)
	a.mu.Lock()
	a.tried["upload"][host] = true
	a.mu.Unlock()
	for _, args := range [][]string{
		{"import", write(t, host+".json", log)},
		{"user", "add", name, "--role", "analyst", "--password-file", word},
		{"user", "passwd", name, "--password-file", word},
		{"user", "role", name, "--role", "viewer"},
		{"user", "list"},
		{"token", "add", "--user", "Ann", "--role", "viewer", name},
		{"token", "list"},
		{"rules", "disable", "--db", c.db, seedRule},
		{"rules", "enable", "--db", c.db, seedRule},
		{"case", "import", foreign},
		{"case", "export", "1", out + ".zip"},
		{"notes", "--format", "csv"},
		{"notes", "--import", write(t, "notes.csv", []byte(c.ok("notes", "--dest", "web01", "--format", "csv")))},
		{"findings"},
		{"report", "--dest", "web01"},
		{"search", "index=* | stats count"},
		{"audit", "verify"},
		{"backup", out + ".db"},
		{"check"},
	} {
		if args[0] != "rules" {
			args = append([]string{args[0], "--db", c.db}, args[1:]...)
		}
		if got := call(t, nil, args...); got.code != 0 || inOwnWords.MatchString(got.stderr) {
			t.Errorf("%q beside a server: %d\n%s%.2000s", args, got.code, got.stderr, got.stdout)
		}
	}
	if got := c.run(nil, "restore", "--force", out+".db"); got.code != 1 ||
		!strings.Contains(got.stderr, "has the database open") {
		t.Errorf("restore beside a server: %+v", got)
	}
	if got := call(t, nil, "check", "--db", out+".db"); got.code != 0 {
		t.Errorf("the backup: %+v", got)
	}
}

// secondServer has people work on a second server of the same database for a moment.
func (a *atWork) secondServer(t *testing.T, c *cli, round int) {
	t.Helper()
	s := serve(t, c.db, "--auth", "local")
	stop := a.together(t, s.url, round)
	c.ok("findings")
	c.ok("notes", "--format", "json")
	stop()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil || strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the second server: %v\n%s", err, s.log)
	}
}
