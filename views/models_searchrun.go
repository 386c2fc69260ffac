package views

import (
	"strconv"
	"strings"
	"time"
)

// SearchRun is a search over events, as far as it is.
type SearchRun struct {
	Text, Earliest, Latest string
	NowIs                  string // when it is now; "" is the moment
	Wrong                  string // why it cannot be read
	Line, Column           int    // and where
	Gone                   bool   // the job that was asked for is not known any more

	Ran              bool
	Job              string
	Events           bool // rows are events, else they have Columns
	Total            int64
	Ended, Stopped   bool
	Complete         bool
	Done, Of, Looked int64
	Sampled          int64 // events that Fields were counted in
	Took             time.Duration
	Messages         []SearchMessage
	Bars             []SearchBar
	Fields           []SearchField
	Columns          []string
	Rows             []SearchRow
}

// SearchMessage is what a search tells: info, warn or error.
type SearchMessage struct{ Level, Text string }

// SearchBar is how many events are of [From, To).
type SearchBar struct {
	From, To time.Time
	Count    int64
}

// SearchField is a field of the events, with its commonest and its rarest values.
type SearchField struct {
	Name        string
	Events      int64
	Values      int
	More        bool // more values than were counted
	Often, Rare []SearchValue
}

// SearchValue is a value of a field, and in how many events it is.
type SearchValue struct {
	Value string
	Count int64
}

// SearchRow is an event, or a row of a table.
type SearchRow struct {
	ID            int64 // of an event of the store; else 0
	Time          time.Time
	Dest, Channel string
	Code          int64
	Brief         string
	Cells         []SearchCell
}

// SearchCell is a cell of a table.
type SearchCell struct {
	Text    string
	Missing bool
}

// url is the search with other terms or another time.
func (r SearchRun) url(pairs ...string) string {
	all := append([]string{"q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs, "on", "page"},
		pairs...)
	return WithQuery("/search", all...)
}

func (r SearchRun) download(ending string) string {
	return WithQuery("/search."+ending, "q", r.Text, "earliest", r.Earliest, "latest", r.Latest, "now", r.NowIs)
}

// with is the search with one more term: name="value", or without it.
func (r SearchRun) with(name, value string, not bool) string {
	term := quotedTerm(name) + "=" + quotedTerm(value)
	if not {
		term = "NOT " + term
	}
	terms, rest := r.Text, ""
	if i := firstPipe(r.Text); i >= 0 {
		terms, rest = strings.TrimSpace(r.Text[:i]), " "+r.Text[i:]
	}
	if strings.TrimSpace(terms) == "*" {
		terms = ""
	}
	return r.url("q", strings.TrimSpace(terms+" "+term)+rest)
}

func quotedTerm(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == "" {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// firstPipe is where the first command after the terms begins; -1 when there is none.
func firstPipe(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '|' && !quoted:
			return i
		}
	}
	return -1
}

// found says how many rows there are.
func (r SearchRun) found() string {
	what := "row"
	if r.Events {
		what = "event"
	}
	words := Plural(r.Total, what)
	switch {
	case r.Stopped:
		words += " before it was stopped"
	case !r.Ended:
		words += " so far"
	}
	return words
}

func (r SearchRun) progress() string {
	if r.Of == 0 {
		return "waiting for its turn"
	}
	return Num(r.Done) + " of " + Plural(r.Of, "block") + " looked at"
}

func (r SearchRun) percent() string {
	if r.Of == 0 {
		return "0"
	}
	return strconv.FormatInt(100*r.Done/r.Of, 10)
}

// The histogram's measures.
const (
	barsWidth  = 1200
	barsHeight = 64
)

// SVG measures of the i-th bar.
func (r SearchRun) bar(i int) (x, y, w, h string) {
	most := int64(1)
	for _, b := range r.Bars {
		most = max(most, b.Count)
	}
	step := float64(barsWidth) / float64(len(r.Bars))
	tall := float64(barsHeight) * float64(r.Bars[i].Count) / float64(most)
	if r.Bars[i].Count > 0 {
		tall = max(tall, 2)
	}
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	return f(float64(i) * step), f(barsHeight - tall), f(max(step-1, 0.5)), f(tall)
}

func (r SearchRun) barURL(b SearchBar) string {
	return r.url("earliest", b.From.UTC().Format(time.RFC3339), "latest", b.To.UTC().Format(time.RFC3339))
}

func (b SearchBar) words() string {
	return b.From.UTC().Format("2006-01-02 15:04:05") + " to " + b.To.UTC().Format("2006-01-02 15:04:05 UTC") + ": " +
		Plural(b.Count, "event")
}

// numeric says whether all cells of a column are numbers.
func (r SearchRun) numeric(column int) bool {
	some := false
	for _, row := range r.Rows {
		if c := row.Cells[column]; !c.Missing && c.Text != "" {
			if _, err := strconv.ParseFloat(c.Text, 64); err != nil {
				return false
			}
			some = true
		}
	}
	return some
}

// ranges are the times that are offered.
var ranges = [][2]string{{"", "All time"}, {"newest-1h", "Newest hour"}, {"newest-24h", "Newest 24 h"},
	{"newest-7d", "Newest 7 d"}}

// took is how long something took, in seconds.
func took(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s" }
