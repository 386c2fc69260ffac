package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"escutcheon/detection"
)

func moment(second int64) string { return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05Z") }

// riskLab is a database of random risk events and a console that serves it.
type riskLab struct {
	t       *testing.T
	db      string
	url     string
	now     int64
	events  []riskEvent
	hosts   []string
	users   []string
	rules   []string            // ids
	tactics map[string][]string // by rule
}

// newRiskLab makes the database, then starts the console on it.
func newRiskLab(t *testing.T, seed uint64) *riskLab {
	t.Helper()
	l := &riskLab{t: t, db: filepath.Join(t.TempDir(), "test.db"), now: time.Now().Unix(), tactics: map[string][]string{}}
	store, book, err := openStore(t.Context(), &env{stderr: io.Discard}, l.db, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range book.Rules().All() {
		if detection.ScheduleOf(r.Type).Risk && len(l.rules) < 6 {
			l.rules = append(l.rules, r.ID)
			l.tactics[r.ID] = r.Tactics()
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	l.fill(rand.New(rand.NewPCG(seed, 9)))
	l.serve()
	return l
}

// fill puts risk events there: objects with recent ones, with old ones, with
// both, with one in the future, and with none.
func (l *riskLab) fill(r *rand.Rand) {
	l.t.Helper()
	for n, ages := range [][]int64{{0}, {50}, {0, 6, 50}, {3, 6}, {20, 27}, {}, {-1}} {
		host, user := fmt.Sprintf("web%02d", n), fmt.Sprintf("user%02d", n)
		l.hosts, l.users = append(l.hosts, host), append(l.users, user)
		for _, days := range ages {
			for range 4 + r.IntN(16) {
				at := l.now - days*24*hour - r.Int64N(60)*hour/2 - 900 // a quarter from where the period begins
				rule, score := l.rules[r.IntN(len(l.rules))], []int{5, 20, 25, 50, 64}[r.IntN(5)]
				e := riskEvent{"system", host, rule, score, at, r.IntN(9) == 0}
				l.events = append(l.events, e)
				e.kind, e.object = "user", user
				l.events = append(l.events, e)
			}
		}
	}
	plain, err := sql.Open("sqlite", "file:"+l.db+"?_pragma=busy_timeout(10000)")
	if err != nil {
		l.t.Fatal(err)
	}
	defer plain.Close()
	do := func(query string, args ...any) {
		l.t.Helper()
		if _, err := plain.ExecContext(l.t.Context(), query, args...); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, h := range l.hosts {
		do(`INSERT INTO host (dest, spelling, first, last, events) VALUES (?1, ?1, 1, 1, 1)`, h)
	}
	for i, e := range l.events {
		do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?1, ?2, ?3, 'elsewhere', '[]', '', '[]', '', ?4, 1, ?5, ?5, 0)`,
			i+1, fmt.Sprintf("%032d", i), e.rule, e.suppressed, e.at)
		do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
			VALUES (?, ?, ?, ?, ?, ?, 'm', 1, ?)`,
			i+1, detection.WindowOf(e.at).Start, e.kind, e.object, e.rule, e.score, e.at)
	}
}

// serve runs the console until the test ends.
func (l *riskLab) serve() {
	l.t.Helper()
	ctx, stop := context.WithCancel(l.t.Context())
	out, in := io.Pipe()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"serve", "--db", l.db, "--listen", "127.0.0.1:0"}, nil, in, &log) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		l.t.Fatal(err)
	}
	_, l.url, _ = strings.Cut(strings.TrimSpace(line), " on ")
	l.t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			l.t.Errorf("serve ended with %d\n%s", code, &log)
		}
	})
}

// set changes the settings as an analyst does.
func (l *riskLab) set(to limits) {
	l.t.Helper()
	form := url.Values{}
	for name, n := range map[string]int{
		"medium": to.medium, "high": to.high, "critical": to.critical, "tactics": to.tactics, "rules": to.rules,
	} {
		form.Set(name, strconv.Itoa(n))
	}
	if to.capped {
		form.Set("cap", "1")
	}
	resp, err := http.PostForm(l.url+"/settings", form)
	if err != nil || resp.StatusCode != http.StatusOK {
		l.t.Fatal(err, resp)
	}
	resp.Body.Close()
}

func (l *riskLab) get(path string, query url.Values) string {
	l.t.Helper()
	resp, err := http.Get(l.url + path + "?" + query.Encode())
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		l.t.Fatalf("%s?%s: %s, %v\n%.300s", path, query.Encode(), resp.Status, err, body)
	}
	return string(body)
}

func (l *riskLab) page(path string, query url.Values) *html.Node {
	l.t.Helper()
	doc, err := html.Parse(strings.NewReader(l.get(path, query)))
	if err != nil {
		l.t.Fatal(err)
	}
	return doc
}

// command runs a command line on the database.
func (l *riskLab) command(query url.Values, args ...string) string {
	l.t.Helper()
	args = append([]string{"risk", "--db", l.db}, args...)
	for name, flag := range map[string]string{"rule": "--rule", "as-of": "--as-of"} {
		if v := query.Get(name); v != "" {
			args = append(args, flag, v)
		}
	}
	var out, problems bytes.Buffer
	if code := run(l.t.Context(), args, nil, &out, &problems); code != 0 {
		l.t.Fatalf("%q: %d\n%s", args, code, &problems)
	}
	return out.String()
}

// all finds the elements of a kind and class below a node, "" of any.
func all(n *html.Node, element, class string) (out []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (element == "" || d.Data == element) &&
			(class == "" || slices.Contains(strings.Fields(attr(d, "class")), class)) {
			out = append(out, d)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// number reads a number as pages write it.
func (l *riskLab) number(s string) int {
	l.t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(s, ",", ""))
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// list reads the rows of a list: of "hosts" or "users". A row of hosts does not
// say how many risk events there are.
func (l *riskLab) list(path, class string, query url.Values) map[string]assessed {
	l.t.Helper()
	out := map[string]assessed{}
	table := all(l.page(path, query), "table", class)
	if len(table) == 0 {
		return out // no host fits the filter
	}
	for _, tr := range all(all(table[0], "tbody", "")[0], "tr", "") {
		row := assessed{Score: l.number(words(all(tr, "td", "score")[0])), Kind: "now", AsOf: "now"}
		if row.Severity = attr(tr, "data-severity"); row.Severity == "" { // a user's
			mark, _, _ := strings.Cut(attr(all(tr, "svg", "sev")[0], "aria-label"), " ")
			if row.Severity = map[string]string{"no": "none", "low:": "low"}[mark]; row.Severity == "" {
				row.Severity = mark
			}
		}
		if cell := asOfCell(tr, class); cell != nil {
			row.Kind = words(all(cell, "", "kind")[0])
			if row.AsOf = attr(all(cell, "time", "")[0], "datetime"); row.Kind == "now" {
				row.AsOf = "now"
			}
		}
		out[words(all(tr, "th", "")[0])] = row
	}
	return out
}

// asOfCell is the cell of a row that says which moment its score is of; nil: now.
func asOfCell(tr *html.Node, class string) *html.Node {
	name := "nowrap"
	if class == "hosts" {
		name = "w4"
	}
	for _, td := range all(tr, "td", name) {
		if len(all(td, "time", "")) > 0 {
			return td
		}
	}
	return nil
}

// facts reads the page of one host or user: what it says at its top, and the
// row of its drilldown, which must not differ.
func (l *riskLab) facts(path string, query url.Values) (out assessed) {
	l.t.Helper()
	doc := l.page(path, query)
	facts := map[string]*html.Node{}
	for _, dl := range append(all(doc, "dl", "facts"), all(doc, "dl", "verdict-facts")...) {
		for _, dt := range all(dl, "dt", "") {
			facts[words(dt)] = after(dt)
		}
	}
	if big := all(facts["Score"], "", "big"); len(big) > 0 {
		facts["Score"] = big[0]
	}
	out.Score = l.number(words(facts["Score"]))
	kind := words(all(facts["As of"], "", "dim")[0])
	out.Kind = map[string]string{"asked for": "asked", "its newest risk event": "newest risk", "now": "now"}[kind]
	if out.AsOf = attr(all(facts["As of"], "time", "")[0], "datetime"); out.Kind == "now" {
		out.AsOf = "now"
	}
	steps := []string{"none", "low", "medium", "high", "critical"}
	step := min(1, out.Score)
	for _, badge := range all(facts["Incident"], "", "badge") {
		name, _, _ := strings.Cut(words(badge), " ")
		step = max(step, slices.Index(steps, name))
	}
	out.Severity = steps[step]
	drilled := 0
	for _, dl := range all(doc, "dl", "drill") {
		drilled, out.Events = l.number(definition(dl, "risk_score")), l.number(definition(dl, "count"))
	}
	if told := l.told(doc); told != out.Score {
		l.t.Errorf("%s?%s: the score is %d, the timeline's sentence says %d", path, query.Encode(), out.Score, told)
	}
	if drilled != out.Score {
		l.t.Errorf("%s?%s: the score is %d, the drilldown's %d", path, query.Encode(), out.Score, drilled)
	}
	return out
}

// after is the element after another.
func after(n *html.Node) *html.Node {
	for n = n.NextSibling; n != nil && n.Type != html.ElementNode; {
		n = n.NextSibling
	}
	return n
}

// definition is what a list says of a term.
func definition(dl *html.Node, term string) string {
	for _, dt := range all(dl, "dt", "") {
		if words(dt) == term {
			return words(after(dt))
		}
	}
	return ""
}

// told is the score that the timeline's sentence tells; 0 where it tells of no
// risk event.
func (l *riskLab) told(doc *html.Node) int {
	for _, p := range all(doc, "p", "sentence") {
		if _, rest, ok := strings.Cut(words(p), " with a score of "); ok {
			score, _, _ := strings.Cut(rest, " ")
			return l.number(score)
		}
	}
	return 0
}

// pair is what tables say of a host's risk.
type pair struct{ Score, Events int }

func (l *riskLab) readCSV(text string) map[string]pair {
	l.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || strings.Join(rows[0][:3], " ") != "normalized_risk_object risk_score count" {
		l.t.Fatal(err, rows)
	}
	out := map[string]pair{}
	for _, r := range rows[1:] {
		out[r[0]] = pair{l.number(r[1]), l.number(r[2])}
	}
	return out
}

func (l *riskLab) readJSON(text string) map[string]pair {
	l.t.Helper()
	var rows []struct {
		Host  string `json:"normalized_risk_object"`
		Score int    `json:"risk_score"`
		Count int    `json:"count"`
	}
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		l.t.Fatal(err)
	}
	out := map[string]pair{}
	for _, r := range rows {
		out[r.Host] = pair{r.Score, r.Count}
	}
	return out
}

func (l *riskLab) readTable(text string) map[string]pair {
	l.t.Helper()
	out := map[string]pair{}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); f[0] != "dest" {
			out[f[0]] = pair{l.number(f[1]), l.number(f[2])}
		}
	}
	return out
}

// TestOneScorer: the page of a host or user, the lists, CSV, JSON and the
// command line say the same, and what the definition says, under every
// setting, with and without a rule and an as-of.
func TestOneScorer(t *testing.T) {
	l := newRiskLab(t, 1)
	day := l.now - l.now%(24*hour) - 5*24*hour
	for _, set := range []limits{
		{100, 250, 500, 3, 4, false}, {100, 250, 500, 3, 4, true},
		{20, 60, 110, 9, 9, false}, {20, 60, 110, 2, 2, true}, {5000, 6000, 7000, 1, 5, true},
	} {
		l.set(set)
		for _, rule := range []string{"", l.rules[1]} {
			for _, asked := range []*int64{nil, &day} {
				query := url.Values{}
				if rule != "" {
					query.Set("rule", rule)
				}
				if asked != nil {
					query.Set("as-of", moment(*asked))
				}
				t.Run(fmt.Sprintf("%+v,%s", set, query.Encode()), func(t *testing.T) {
					l.t = t
					l.agree(set, rule, asked, query)
				})
			}
		}
	}
	l.t = t
}

// agree compares all that shows risk with the definition.
func (l *riskLab) agree(set limits, rule string, asked *int64, query url.Values) {
	t := l.t
	l.now = time.Now().Unix()
	if left := hour - l.now%hour; left < 20 { // an incident may end with the hour
		time.Sleep(time.Duration(left+1) * time.Second)
		l.now += left + 1
	}
	list, bySeverity := l.list("/", "hosts", query), map[string][]string{}
	table := map[string]pair{}
	for _, h := range l.hosts {
		want := set.assess(by(l.events, "system", h, rule), asked, l.now, l.tactics)
		if got := l.facts("/hosts/"+h, query); got != want {
			t.Errorf("page of %s:\n got %+v\nwant %+v", h, got, want)
		}
		if want.Events > 0 {
			table[h] = pair{want.Score, want.Events}
		}
		bySeverity[want.Severity] = append(bySeverity[want.Severity], h)
		want.Events = 0 // the list does not say
		if list[h] != want {
			t.Errorf("row of %s:\n got %+v\nwant %+v", h, list[h], want)
		}
	}
	for name, got := range map[string]map[string]pair{
		"risk.csv":               l.readCSV(l.get("/risk.csv", query)),
		"the command's CSV":      l.readCSV(l.command(query, "--format", "csv")),
		"the command's JSON":     l.readJSON(l.command(query, "--format", "json")),
		"the command's table":    l.readTable(l.command(query)),
		"of one host, risk.csv":  l.readCSV(l.get("/hosts/web00/risk.csv", query)),
		"of one host, a command": l.readJSON(l.command(query, "--format", "json", "--dest", "WEB00.")),
	} {
		want := table
		if strings.HasPrefix(name, "of one host") {
			want = maps.Clone(table)
			maps.DeleteFunc(want, func(h string, _ pair) bool { return h != "web00" })
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		}
	}
	l.agreeBySeverity(bySeverity, table, query)
	if rule == "" {
		l.agreeOnUsers(set, asked, query)
	}
}

// agreeBySeverity compares the list and the CSV of one severity.
func (l *riskLab) agreeBySeverity(want map[string][]string, table map[string]pair, query url.Values) {
	for _, severity := range []string{"none", "low", "medium", "high", "critical"} {
		q := maps.Clone(query)
		q.Set("severity", severity)
		if got := slices.Sorted(maps.Keys(l.list("/", "hosts", q))); !slices.Equal(got, want[severity]) {
			l.t.Errorf("hosts of severity %s: %v, want %v", severity, got, want[severity])
		}
		some := maps.Clone(table)
		maps.DeleteFunc(some, func(h string, _ pair) bool { return !slices.Contains(want[severity], h) })
		if got := l.readCSV(l.get("/risk.csv", q)); !maps.Equal(got, some) {
			l.t.Errorf("risk.csv of severity %s: %v, want %v", severity, got, some)
		}
	}
}

func (l *riskLab) agreeOnUsers(set limits, asked *int64, query url.Values) {
	list := l.list("/users", "users", query)
	for _, u := range l.users {
		events := by(l.events, "user", u, "")
		if len(events) == 0 {
			if _, ok := list[u]; ok {
				l.t.Errorf("%s gave no risk and is listed", u)
			}
			continue
		}
		want := set.assess(events, asked, l.now, l.tactics)
		if got := l.facts("/users/"+u, query); got != want {
			l.t.Errorf("page of %s:\n got %+v\nwant %+v", u, got, want)
		}
		want.Events = 0
		if list[u] != want {
			l.t.Errorf("row of %s:\n got %+v\nwant %+v", u, list[u], want)
		}
	}
}
