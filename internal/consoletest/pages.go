package consoletest

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

func Attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Asked is an import as a program sees it that asks.
type Asked struct {
	Imported
	Asks                        []string
	Zone, Computer, Dates, Note string
	SameAs                      json.Number `json:"same_as"`
	Replaces                    json.Number
	Members                     []struct {
		Imported
		ID          json.Number
		URL, Reason string
	}
}

func (s *Server) Asked(t testing.TB, id string) (a Asked) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.Get(t, "/imports/"+id, "Accept", JSON).Body), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// Doc is a page to look for selectors in.
func (s *Server) Doc(t testing.TB, path string) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(s.Get(t, path).Body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Words is the text of what a selector finds, with single spaces.
func Words(d *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(d.Find(selector).Text()), " ")
}

// Times are those that a page shows.
func Times(d *goquery.Document) (out []string) {
	d.Find("main time").Each(func(_ int, t *goquery.Selection) { out = append(out, t.AttrOr("datetime", "")) })
	return out
}

// Cells are the rows of a page's table of the class, each by its column's head;
// times are those of their datetime attribute.
func Cells(t testing.TB, doc *html.Node, class string) (out []map[string]string) {
	t.Helper()
	tables := Find(doc, func(n *html.Node) bool {
		return n.Data == "table" && slices.Contains(strings.Fields(Attr(n, "class")), class)
	})
	if len(tables) != 1 {
		t.Fatalf("%d tables of the class %s", len(tables), class)
	}
	var heads []string
	for _, th := range Find(tables[0], func(n *html.Node) bool { return n.Data == "th" && Attr(n, "scope") == "col" }) {
		heads = append(heads, strings.TrimRight(strings.TrimSpace(Text(th)), " \n\t↑↓"))
	}
	for _, tr := range Find(tables[0], func(n *html.Node) bool { return n.Data == "tr" && n.Parent.Data == "tbody" }) {
		row := map[string]string{}
		i := 0
		for td := range tr.ChildNodes() {
			if td.Type != html.ElementNode {
				continue
			}
			row[heads[i]] = Cell(td)
			i++
		}
		out = append(out, row)
	}
	return out
}

func Cell(td *html.Node) string {
	if times := Find(td, func(n *html.Node) bool { return n.Data == "time" }); len(times) == 1 {
		return Attr(times[0], "datetime")
	}
	if links := Find(td, func(n *html.Node) bool { return n.Data == "a" }); len(links) == 1 {
		td = links[0]
	}
	return strings.TrimSpace(Text(td))
}

// Walk pages through a list by its links of the kind rel and returns all rows.
func (s *Server) Walk(t testing.TB, path, rel, class string) (out []map[string]string, last string) {
	t.Helper()
	for range 20 {
		doc := Page(t, s.Get(t, path).Body)
		out, last = append(out, Cells(t, doc, class)...), path
		next := Find(doc, func(n *html.Node) bool { return n.Data == "a" && Attr(n, "rel") == rel })
		if len(next) == 0 {
			return out, last
		}
		path = Attr(next[0], "href")
	}
	t.Fatalf("no end of pages from %s", path)
	return nil, ""
}

// Key is what tells a finding's row from others.
func Key(row map[string]string) string { return row["dest"] + " " + row["Message"] }

// Rows reads CSV, with what every table of the console promises.
func Rows(t testing.TB, a Answer) [][]string {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type %q", kind)
	}
	if strings.HasPrefix(a.Body, "\ufeff") || !strings.HasSuffix(a.Body, "\r\n") {
		t.Errorf("a byte order mark, or no line end: %.40q", a.Body)
	}
	out, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, a.Body)
	}
	return out
}

// Page parses a Page.
func Page(t testing.TB, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Find returns the elements that want.
func Find(n *html.Node, want func(*html.Node) bool) (out []*html.Node) {
	for e := range n.Descendants() {
		if e.Type == html.ElementNode && want(e) {
			out = append(out, e)
		}
	}
	return out
}

func Named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return Attr(n, "name") == name }
}

func Text(n *html.Node) string {
	var b strings.Builder
	for e := range n.Descendants() {
		if e.Type == html.TextNode {
			b.WriteString(e.Data)
		}
	}
	return b.String()
}

// FindingIDs are the ids of the findings on the first page of their list.
func (s *Server) FindingIDs(t testing.TB) (out []string) {
	t.Helper()
	for _, n := range Find(Page(t, s.Get(t, "/findings").Body),
		func(n *html.Node) bool { return strings.HasPrefix(Attr(n, "href"), "/findings/") }) {
		out = append(out, strings.TrimPrefix(Attr(n, "href"), "/findings/"))
	}
	if len(out) == 0 {
		t.Fatal("no findings")
	}
	return out
}

// FindingOf is the id of the first finding of a rule.
func (s *Server) FindingOf(t testing.TB, rule string) string {
	t.Helper()
	for _, n := range Find(Page(t, s.Get(t, "/findings?rule="+rule+"&sort=row").Body),
		func(n *html.Node) bool { return n.Data == "a" }) {
		if id, ok := strings.CutPrefix(Attr(n, "href"), "/findings/"); ok {
			return id
		}
	}
	t.Fatal("no finding of " + rule)
	return ""
}

func Proposed(t testing.TB, body string) string {
	t.Helper()
	for _, n := range Find(Page(t, body), func(n *html.Node) bool {
		return n.Data == "textarea" && Attr(n,
			"name") == "expression"
	}) {
		return Text(n)
	}
	t.Fatal("no editor")
	return ""
}

func Class(n *html.Node, name string) bool {
	return strings.Contains(" "+Attr(n, "class")+" ", " "+name+" ")
}

// Texts are the words of the elements of a class, spaces made one.
func Texts(t testing.TB, body, name string) (out []string) {
	t.Helper()
	for _, n := range Find(Page(t, body), func(n *html.Node) bool {
		return n.Type == html.ElementNode && Class(n,
			name)
	}) {
		out = append(out, strings.Join(strings.Fields(Text(n)), " "))
	}
	return out
}

// Says asks that the page's words hold a text.
func Says(t testing.TB, body string, want ...string) {
	t.Helper()
	var parts []string
	for n := range Page(t, body).Descendants() {
		if n.Type == html.TextNode {
			parts = append(parts, n.Data)
		}
	}
	all := strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("the page does not say %q: %.1500s", w, all)
		}
	}
}

// Listed are the rules as a program gets them.
type Listed struct {
	Rules []struct {
		ID, Name, State, Source, File, Replaces, Last string
		Findings, Suppressed, Hosts                   int64
		RiskEvents                                    int64 `json:"risk_events"`
		Filter                                        *struct{ Expression, Reason, Author, Expires string }
	}
	Refused []struct {
		Name, Command, Reason string
		Line, Column          int
	}
	Behind struct{ Rules int64 }
}

func (s *Server) Rules(t testing.TB) (l Listed) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.Get(t, "/rules", "Accept", JSON).Body), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// Findings is how many Findings of a rule are shown.
func (s *Server) Findings(t testing.TB, id string) int64 {
	for _, r := range s.Rules(t).Rules {
		if r.ID == id {
			return r.Findings
		}
	}
	return -1
}
