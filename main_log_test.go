package main_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestLogTellsNoSecret: with every request logged, no line has a password, a session, a
// token, what was searched for or what an analyst wrote; each line of a request has its id.
func TestLogTellsNoSecret(t *testing.T) {
	c := newCLI(t)
	cmd := exec.Command(binary, "serve", "--db", c.db, "--listen", "127.0.0.1:0", "--auth", "local", "--verbose",
		"--log-format", "json")
	var log bytes.Buffer
	cmd.Stderr = &log
	said := make(chan string)
	cmd.Stdout = lineTo(said)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: that is its error
	}
	defer stop()
	_, at, _ := strings.Cut(<-said, " on ")
	_, setup, _ := strings.Cut(<-said, "/setup?token=")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	ask := func(r *http.Request, err error) (string, []*http.Cookie) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "application/json")
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		var b bytes.Buffer
		_, _ = b.ReadFrom(a.Body)
		return b.String(), a.Cookies()
	}
	post := func(path string, form ...string) string {
		t.Helper()
		v := url.Values{}
		for i := 0; i < len(form); i += 2 {
			v.Set(form[i], form[i+1])
		}
		r, err := http.NewRequest("POST", at+path, strings.NewReader(v.Encode()))
		if err == nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		body, _ := ask(r, err)
		return body
	}
	get := func(path string) string {
		t.Helper()
		body, _ := ask(http.NewRequest("GET", at+path, nil))
		return body
	}
	get("/setup?token=" + setup)
	post("/setup", "token", setup, "name", "Ann", "password", "hush-first-word")
	post("/logout")
	post("/login", "name", "Ann", "password", "hush-wrong-word")
	post("/login", "name", "Ann", "password", "hush-first-word", "next", "/?q=hush-next")
	var token struct{ Token string }
	if body := post("/account/tokens", "name", "x", "role", "viewer", "days", "3"); json.Unmarshal([]byte(body), &token) !=
		nil || token.Token == "" {
		t.Fatal(body)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("password", "hush-archive") // into memory
	file, _ := w.CreateFormFile("file", "a.json")
	_, _ = file.Write(nxlog(change("web01", 1, noon, "/a")))
	_ = w.Close()
	r, err := http.NewRequest("POST", at+"/imports", &form)
	if err == nil {
		r.Header.Set("Content-Type", w.FormDataContentType())
	}
	ask(r, err)
	for done, end := false, time.Now().Add(2*time.Minute); !done; time.Sleep(5 * time.Millisecond) {
		var i imported
		if err := json.Unmarshal([]byte(get("/imports/1")), &i); err != nil || time.Now().After(end) {
			t.Fatalf("%+v, %v", i, err)
		}
		done = i.Status == "done"
	}
	post("/hosts/web01/notes", "text", "hush-note", "author", "Ann")
	post("/hosts/web01/notes", "text", "hush-note"+strings.Repeat("x", 1<<20), "author", "Ann")
	post("/notes/preview", "text", "hush-preview")
	post("/cases", "title", "hush-title", "author", "Ann")
	post("/searches", "name", "hush-name", "q", `index=* hush-saved`)
	post("/rules", "yaml", "name: hush-rule\n")
	get("/search?q=" + url.QueryEscape(`hush-query | nonsense`))
	get("/findings.csv?q=hush-filter")
	r, err = http.NewRequest("GET", at+"/hosts/web01", nil)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+token.Token)
	}
	ask(r, err)
	if n := get("/hosts/web01/notes.csv"); !strings.Contains(n, "hush-note") {
		t.Fatalf("the note is not there: %s", n)
	}
	here, _ := url.Parse(at)
	cookies := jar.Cookies(here)
	stop()
	secrets := []string{"hush-", setup, token.Token}
	for _, k := range cookies {
		secrets = append(secrets, k.Value)
	}
	if len(secrets) < 5 {
		t.Fatalf("%q", secrets)
	}
	asked := 0
	for line := range strings.Lines(log.String()) {
		var one struct{ Msg, Path, Request string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if one.Path != "" {
			asked++
			if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(one.Request) {
				t.Errorf("a request without an id: %s", line)
			}
		}
		for _, s := range secrets {
			if strings.Contains(line, s) {
				t.Errorf("%q in %s", s, line)
			}
		}
	}
	if asked < 17 {
		t.Errorf("of %d requests the log tells:\n%s", asked, &log)
	}
}

// lineTo sends what is written, line by line.
func lineTo(to chan string) *lines { return &lines{to: to} }

type lines struct {
	to   chan string
	rest string
}

func (l *lines) Write(b []byte) (int, error) {
	l.rest += string(b)
	for {
		line, rest, ok := strings.Cut(l.rest, "\n")
		if !ok {
			return len(b), nil
		}
		l.rest = rest
		l.to <- line
	}
}
