package views

import (
	"strings"
	"time"
)

// VerdictPanel is what the changes of a host come to, first on its page.
type VerdictPanel struct {
	Gravity  string // none, low, medium, high, critical
	Sentence string
	Damage   string   // what of the stored events cannot be read, and is missing here
	Settled  bool     // what it tells of is closed or suppressed
	Said     []string // the parts of the sentence that a log said, in its order
	Chain    []VerdictLink
	Facts    []VerdictFact   // before the incidents
	After    []VerdictFact   // after them
	Modules  []VerdictModule // the others, the gravest first
	More     int             // modules that are not among them
	Actions  []Action

	Incidents []Incident // all of the period, that of the gravest change first
}

// VerdictLink is one step of what led to the gravest change.
type VerdictLink struct {
	At     time.Time
	Text   string
	Log    bool     // Text is a log's
	By     string   // account or SID
	Where  string   // "Security 4688 · record 1234"
	Shared string   // what joins it to the change
	URL    string   // of the event
	Events int      // that say it
	Change bool     // it is the change itself
	Rules  []string // that saw its event, by name, where they are of several languages
}

// SeenBy names the rules that saw a step, where they are several.
func SeenBy(rules []string) string {
	if len(rules) < 2 {
		return ""
	}
	names := make([]string, len(rules))
	for i, n := range rules {
		names[i] = VisibleShort(n, 120)
	}
	return "seen by " + strings.Join(names, "; ")
}

// VerdictFact is a fact beside the verdict, such as how rare the module is.
type VerdictFact struct {
	Name, Big, Text, Dim string // Big stands before Text
}

// VerdictModule is a further module that was changed.
type VerdictModule struct {
	Name, Image, Judgement, Action, By, Gravity string
	At                                          time.Time
	URL                                         string // of its finding; "" none
	Closed                                      bool
	Marked                                      string // as known, in words; "" it is not
}

// Action is a link to what can be done next.
type Action struct {
	Label, URL string
	Primary    bool
	Writes     bool // it leads to a form
}

// SentencePart is a stretch of a sentence.
type SentencePart struct {
	Text string
	Said bool // by a log
}

// parts cuts the sentence at what a log said.
func (p VerdictPanel) parts() (out []SentencePart) {
	rest := p.Sentence
	for _, said := range p.Said {
		i := indexOf(rest, said)
		if i < 0 {
			continue
		}
		if i > 0 {
			out = append(out, SentencePart{Text: rest[:i]})
		}
		out = append(out, SentencePart{Text: said, Said: true})
		rest = rest[i+len(said):]
	}
	if rest != "" {
		out = append(out, SentencePart{Text: rest})
	}
	return out
}
