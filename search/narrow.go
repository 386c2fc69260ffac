package search

import (
	"context"
	"math"
	"slices"
	"strings"

	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
	"escutcheon/event"
	"escutcheon/eventstore"
)

// asked is what is asked of a store for the events of a scan.
type asked struct {
	query eventstore.Query
	kinds kinds
}

// mostAsked is how many codes, or channels, a store is asked for: with more, for any.
const mostAsked = 1000

// ask turns the conditions of a scan into what a store can tell without decoding.
// What it tells beyond them is decided by the conditions.
func (e *Engine) ask(ctx context.Context, s *spl.Scan) (*asked, error) {
	a := &asked{kinds: kindsOf(index.KindsOf(*s))}
	a.query.From, a.query.To = seconds(s.Earliest, s.Latest)
	if a.query.Codes, a.query.Channels = a.kinds.all(); len(a.kinds) == 0 {
		a.query.Codes = []int64{math.MinInt64} // only what answers in its own way
	}
	if s.Model != nil { // its fields have names of their own
		return a, nil
	}
	given, err := e.Store.NamesComputers(ctx)
	if err != nil {
		return nil, err
	}
	f := finds{computers: !given, query: &a.query}
	f.expr(spl.And(s.First))
	return a, nil
}

// kinds are the kinds of events of which one is asked for.
type kinds map[index.Kind]bool

func kindsOf(list []index.Kind) kinds {
	out := kinds{}
	for _, k := range list {
		out[k] = true
	}
	return out
}

// has says whether an event of a channel and code may be asked for.
func (k kinds) has(channel string, code int64) bool {
	if k[index.Kind{Code: event.None}] || k[index.Kind{Code: code}] {
		return true
	}
	low := strings.ToLower(channel)
	return k[index.Kind{Channel: low, Code: code}] || k[index.Kind{Channel: low, Code: event.None}]
}

// all are all codes and all channels; nil for any.
func (k kinds) all() (codes []int64, channels []string) {
	anyCode, anyChannel := false, false
	for one := range k {
		if one.Code == event.None {
			anyCode = true
		} else if !slices.Contains(codes, one.Code) {
			codes = append(codes, one.Code)
		}
		if one.Channel == "" {
			anyChannel = true
		} else if !slices.Contains(channels, one.Channel) {
			channels = append(channels, one.Channel)
		}
	}
	if anyCode || len(codes) > mostAsked {
		codes = nil
	}
	if anyChannel || len(channels) > mostAsked {
		channels = nil
	}
	return codes, channels
}

// finds collects words and texts that the record of an event must hold.
type finds struct {
	query     *eventstore.Query
	computers bool // records hold the names of their computers
}

func (f *finds) expr(x spl.Expr) {
	switch x := x.(type) {
	case spl.And:
		for _, y := range x {
			f.expr(y)
		}
	case spl.Or:
		if len(x) == 1 {
			f.expr(x[0])
		}
	case *spl.In:
		if len(x.Values) == 1 {
			f.field(x.Field, x.Values[0])
		}
	case *spl.Compare:
		if x.Op == "=" {
			f.field(x.Field, x.Value)
		}
	case *spl.Term:
		f.term(x.Text)
	}
}

// field asks for field=value, where the value stands in the record as it is.
func (f *finds) field(name, v string) {
	if name == "Message" {
		f.message(v)
		return
	}
	computer := slices.Contains(computerFields, name)
	if computer && !f.computers || !computer && !event.Verbatim(name) {
		return
	}
	if p := value.NewPattern(v); p.IsNumber() || p.IsRange() {
		return
	}
	for part := range strings.SplitSeq(v, "*") {
		f.text(part)
	}
}

// message asks for the words of a message, but those that a template may have added.
func (f *finds) message(v string) {
	if p := value.NewPattern(v); p.IsNumber() || p.IsRange() {
		return
	}
	parts := strings.Split(v, "*")
	for i, part := range parts {
		for _, w := range wordsOf(part) {
			word := part[w.from:w.to]
			whole := (w.from > 0 || i == 0) && (w.to < len(part) || i == len(parts)-1)
			switch {
			case event.InTemplate(word):
			case whole:
				f.query.Words = append(f.query.Words, word)
			default:
				f.query.Texts = append(f.query.Texts, word)
			}
		}
	}
}

// computerFields are names of the event's computer.
var computerFields = []string{"ComputerName", "Computer", "host", "dest", "dvc"}

// term asks for a word or phrase, whole unless it has a * at that end.
func (f *finds) term(text string) {
	t := value.NewTerm(text)
	if p := t.Pattern; p.IsRange() {
		return
	}
	parts := strings.Split(text, "*")
	for i, part := range parts {
		for _, w := range wordsOf(part) {
			head := w.from > 0 || i == 0
			tail := w.to < len(part) || i == len(parts)-1
			if head && tail {
				f.query.Words = append(f.query.Words, part[w.from:w.to])
			}
		}
		f.text(part)
	}
}

func (f *finds) text(part string) {
	if strings.TrimSpace(part) != "" {
		f.query.Texts = append(f.query.Texts, strings.TrimSpace(part))
	}
}

type span struct{ from, to int }

// wordsOf are the runs of ASCII letters and digits of a text, but those that touch
// other letters.
func wordsOf(s string) (out []span) {
	isWord := func(c byte) bool {
		return c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	for i := 0; i < len(s); {
		if !isWord(s[i]) {
			i++
			continue
		}
		from, ascii := i, true
		for ; i < len(s) && isWord(s[i]); i++ {
			ascii = ascii && s[i] < 0x80
		}
		if ascii {
			out = append(out, span{from, i})
		}
	}
	return out
}
