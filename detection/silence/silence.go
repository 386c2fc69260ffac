// Package silence says why a rule cannot fire on the logs at hand: nothing of the
// kinds of events that it asks for was imported, a lookup of it is empty, or no
// event carries a field that it asks for or groups by. It is told how many events
// there are of each kind, and looks at some of them; it knows no database.
package silence

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Most is how many events of each kind are looked at for a rule.
const Most = 10_000

// Kind is a channel as logs write it and an event code (event.None: none) of
// stored events.
type Kind struct {
	Channel string
	Code    int64
}

// Look is what is known of one rule. It is for one goroutine.
type Look struct {
	rule    *detection.Rule
	kinds   index.Kinds
	total   int64            // events of its kinds
	looked  map[Kind]int64   // of them
	counts  map[Kind]int64   // of its kinds
	by      map[string]bool  // BY fields that no event carried that was looked at
	asks    map[string]bool  // likewise of what its conditions ask for
	matched map[string]int64 // events that match and lack a BY field, by what they lack
	told    int64            // events of which it could be told
	parts   []spl.Part
}

// New begins to look for a rule among events, of which there are so many of each
// kind.
func New(r *detection.Rule, counts map[Kind]int64) *Look {
	l := &Look{rule: r, kinds: detection.NewRules([]*detection.Rule{r}).Kinds(), looked: map[Kind]int64{},
		counts: map[Kind]int64{}, by: map[string]bool{}, asks: map[string]bool{}, matched: map[string]int64{}}
	for k, n := range counts {
		if l.kinds.Has(k.Channel, k.Code) {
			l.counts[k], l.total = n, l.total+n
		}
	}
	for _, f := range r.Plan().By() {
		l.by[f] = true
	}
	for _, f := range r.Plan().Asks() {
		l.asks[f] = true
	}
	return l
}

// Wants says whether an event of a kind would tell more.
func (l *Look) Wants(k Kind) bool {
	return l.counts[k] > 0 && l.looked[k] < Most && len(l.by)+len(l.asks) > 0
}

// See looks at an event that is wanted.
func (l *Look) See(k Kind, e spl.Event) {
	l.looked[k]++
	plan := l.rule.Plan()
	shown := plan.Shown(e)
	if shown == nil {
		return
	}
	for f := range l.asks {
		if v, ok := shown.Get(f); ok && v != "" {
			delete(l.asks, f)
		}
	}
	if len(l.by) > 0 {
		if missing, told := plan.Lacking(e); told {
			l.told++
			for f := range l.by {
				if !slices.Contains(missing, f) {
					delete(l.by, f)
				}
			}
		}
	}
	if l.parts = plan.Feed(e, l.parts[:0]); len(l.parts) > 0 && len(l.parts[0].Missing) > 0 {
		l.matched[strings.Join(l.parts[0].Missing, ", ")]++
	}
}

// Reasons are why the rule cannot fire, in sentences without a capital or an end.
// lacks counts the stored events that match and lack BY fields, by what they lack
// (joined by ", "); nil where that is not known. There are none when nothing
// speaks against it.
func (l *Look) Reasons(lacks map[string]int64) (out []string) {
	if names := l.rule.Plan().OtherIndexes(); names != nil {
		return []string{"asks for index=" + strings.Join(names, " and ") + ", in which no imported event is"}
	}
	if l.total == 0 {
		return []string{"no " + l.asked() + " was imported"}
	}
	for _, name := range l.rule.Plan().EmptyLookups() {
		out = append(out, fmt.Sprintf("its lookup %s is empty", name))
	}
	if lacks == nil {
		lacks = l.matched
	}
	for _, f := range l.rule.Plan().Asks() {
		if l.asks[f] && l.seen() > 0 {
			out = append(out, fmt.Sprintf("asks for %s, which %s", f, l.none()))
		}
	}
	for _, f := range l.rule.Plan().By() {
		if l.by[f] && l.told > 0 {
			out = append(out, fmt.Sprintf("groups by %s, which %s%s", f, l.none(), before(lacks, f)))
		}
	}
	return out
}

// before says how many events matched before a field was missing.
func before(lacks map[string]int64, field string) string {
	var n int64
	for missing, count := range lacks {
		if slices.Contains(strings.Split(missing, ", "), field) {
			n += count
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "; 1 event matched before that"
	}
	return fmt.Sprintf("; %s events matched before that", Num(n))
}

func (l *Look) seen() (n int64) {
	for _, one := range l.looked {
		n += one
	}
	return n
}

// none is "none of 9,120 Sysmon 10 events here carries".
func (l *Look) none() string {
	name, seen := l.present(), l.seen()
	switch {
	case seen < l.total:
		return fmt.Sprintf("none of %s %s looked at carries, of %s", Num(seen), events(name, seen), Num(l.total))
	case l.total == 1:
		return "the one " + events(name, 1) + " here does not carry"
	}
	return fmt.Sprintf("none of %s %s here carries", Num(l.total), events(name, l.total))
}

func events(name string, n int64) string {
	if n == 1 {
		return strings.TrimSpace(name + " event")
	}
	return strings.TrimSpace(name + " events")
}

// present names the kinds of which there are events; "" when they are many.
func (l *Look) present() string {
	var kinds []index.Kind
	for k := range l.counts {
		kinds = append(kinds, index.Kind{Channel: k.Channel, Code: k.Code})
	}
	if len(kinds) > mostNames {
		return ""
	}
	return names(kinds, "and")
}

// asked names the kinds that the rule asks for.
func (l *Look) asked() string {
	kinds := l.kinds.Each()
	if len(kinds) == 0 {
		return "event that it could match"
	}
	return names(kinds, "or")
}

// mostNames is how many kinds are named.
const mostNames = 6

// names names kinds: "Sysmon 12, 13 or Security 4657".
func names(kinds []index.Kind, word string) string {
	slices.SortFunc(kinds, func(a, b index.Kind) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Code, b.Code))
	})
	kinds = slices.Compact(kinds)
	rest := ""
	if n := len(kinds) - mostNames; n > 0 {
		kinds, rest = kinds[:mostNames], fmt.Sprintf(" (and %d more kinds)", n)
	}
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = nameOf(k.Channel, k.Code)
		if i > 0 && k.Code != event.None && kinds[i-1].Channel == k.Channel && kinds[i-1].Code != event.None {
			out[i] = strconv.FormatInt(k.Code, 10)
		}
	}
	if n := len(out); n > 1 {
		out = append(out[:n-2:n-2], out[n-2]+" "+word+" "+out[n-1])
	}
	return strings.Join(out, ", ") + rest
}

// shortNames are channels as people call them.
var shortNames = map[string]string{strings.ToLower(event.Sysmon): "Sysmon", "security": "Security", "system": "System",
	"application": "Application", strings.ToLower(event.PowerShell): "PowerShell",
	strings.ToLower(event.IISConfiguration): "IIS-Configuration"}

// nameOf names a kind: "Sysmon 10".
func nameOf(channel string, code int64) string {
	name := channel
	if short := shortNames[strings.ToLower(channel)]; short != "" {
		name = short
	}
	switch {
	case code == event.None && name == "":
		return "event"
	case code == event.None:
		return name
	case name == "":
		return "event " + strconv.FormatInt(code, 10)
	}
	return name + " " + strconv.FormatInt(code, 10)
}

// Num writes a number with a comma between thousands.
func Num(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
