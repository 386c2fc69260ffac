package verdict

import (
	"fmt"
	"strings"
	"time"

	"escutcheon/detection"
)

// NoChange is the sentence when there is none.
const NoChange = "No module or logging change in these logs."

// sentence says the gravest change, and of logging what belongs to it.
func (v *Verdict) sentence() string {
	var out []string
	if len(v.Modules) > 0 {
		m := &v.Modules[0]
		out = append(out, m.sentences(&v.log)...)
		out = append(out, v.before()...)
		out = append(out, v.loggingBeside(m)...)
		if n := v.others(); n > 0 {
			out = append(out, fmt.Sprintf("%s more changed.", count(n, "module", "modules")))
		}
		return strings.Join(out, " ")
	}
	switch {
	case len(v.Off) > 0:
		o := v.Off[0]
		if o.Found != nil {
			out = append(out, "HTTP logging is off for "+o.Scope+o.Found.in()+again(o)+".", o.Found.Why)
			break
		}
		out = append(out, fmt.Sprintf("HTTP logging was switched off for %s%s%s%s.", o.Scope, by(o.By), at(o.From), again(o)))
		if o.Said {
			out = append(out, v.log.says(o.From))
		}
	case len(v.ETW) > 0:
		c := v.ETW[0]
		out = append(out, fmt.Sprintf("The ETW target of the request log was removed for %s%s%s.", scopeOf(c.Scope),
			by(c.By), at(c.At)))
	case len(v.Maybe) > 0:
		c := v.Maybe[0]
		out = append(out, fmt.Sprintf("HTTP logging was switched on or off for %s%s%s: the log does not say which.",
			scopeOf(c.Scope), by(c.By), at(c.At)))
	default:
		return NoChange
	}
	return strings.Join(append(out, "No module change in these logs."), " ")
}

// sentences say what became of a module.
func (m *Module) sentences(log *Log) (out []string) {
	if m.List {
		return []string{"The list of modules was changed as a whole" + by(m.By) + at(m.At) +
			": the log does not say which modules."}
	}
	s := m.subject() + " " + m.verb() + by(m.By) + at(m.At)
	if m.Found != nil {
		s = m.subject() + " " + m.foundVerb() + m.Found.in()
	}
	if m.Image != "" {
		s += ", " + m.imageWord() + " " + m.Image
	}
	if m.File != nil {
		s += fmt.Sprintf(", whose %s is publicly known bad (%s, %s)", m.Report.Hash, m.Report.Family, m.Report.Source)
	}
	out = append(out, s+".")
	if m.Said {
		out = append(out, log.says(m.At))
	}
	if m.Found != nil {
		out = append(out, m.Found.Why)
	}
	if m.ByName {
		out = append(out, "No image is in these logs: it is judged by its name.")
	}
	if m.Report != nil && m.File == nil {
		out = append(out, m.report())
	}
	if s := m.removal(); s != "" {
		out = append(out, s)
	}
	return out
}

// removal says when a module was removed, and whether it came back.
func (m *Module) removal() string {
	switch {
	case m.Gone.IsZero():
		return ""
	case m.Again == nil:
		return "It was removed" + at(m.Gone) + "."
	case detection.ImageKey(m.Again.Image) == detection.ImageKey(m.Image):
		return "It was removed" + at(m.Gone) + " and added again" + at(m.Again.At) + "."
	}
	return "It was removed" + at(m.Gone) + ", and its name was added again" + at(m.Again.At) + " with another image, " +
		m.Again.Image + "."
}

// before says what else the name of the gravest module stood for.
func (v *Verdict) before() (out []string) {
	m := &v.Modules[0]
	for i := range v.Modules[1:] {
		o := &v.Modules[i+1]
		if !strings.EqualFold(o.Name, m.Name) || o.Filter != m.Filter || len(out) == mostBefore {
			continue
		}
		switch {
		case o.Said && !m.Said:
			out = append(out, "A command line says that it was "+o.verb()+by(o.By)+at(o.At)+
				", which the configuration log here does not show.")
		case o.Action == Added && o.At.Before(m.At) && o.Image != "":
			s := "Before that it was added" + at(o.At) + " with " + o.imageWord() + " " + o.Image
			if !o.Gone.IsZero() {
				s += ", and removed" + at(o.Gone)
			}
			out = append(out, s+".")
		}
	}
	return out
}

// mostBefore is how many other images of a name a sentence tells.
const mostBefore = 3

// others is how many modules of other names were changed.
func (v *Verdict) others() int {
	names := map[string]bool{}
	for _, m := range v.Modules {
		names[fmt.Sprint(m.Filter, lower(m.Name))] = true
	}
	return len(names) - 1
}

func (m *Module) subject() string {
	what := "module"
	if m.Filter {
		what = "ISAPI filter"
	} else if m.Image != "" && detection.IsNative(m.Image) {
		what = "native module"
	} else if m.Image != "" {
		what = "managed module"
	}
	switch m.Judgement {
	case detection.Bad:
		return "Publicly known malicious " + what + " " + m.Name
	case detection.Masquerade:
		return capital(what) + " " + m.Name + ", a name of IIS's own with another image,"
	case detection.Known:
		return capital(what) + " " + m.Name + " of " + m.Product
	case detection.Own:
		return "IIS's own " + what + " " + m.Name
	}
	return "Unknown " + what + " " + m.Name
}

// capital is a word at the start of a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (m *Module) verb() string {
	switch m.Action {
	case Unsure:
		return "added or removed (the log does not say which)"
	case Changed:
		return "changed"
	}
	return string(m.Action)
}

// foundVerb says what a file shows of a module.
func (m *Module) foundVerb() string {
	switch {
	case m.Standing():
		return "stands"
	case m.Action == Removed:
		return "is gone"
	case m.Action == Changed:
		return "changed"
	}
	return "appears"
}

// in says in which file a change was found, and when that was written.
func (c *Change) in() string {
	s := " in " + c.File
	if c.At.IsZero() {
		return s + ", of which nobody knows when it was written"
	}
	return s + ", written" + at(c.At)
}

func (m *Module) imageWord() string {
	if detection.IsNative(m.Image) {
		return "image"
	}
	return "type"
}

func (m *Module) report() string {
	if m.Like {
		return fmt.Sprintf("It is named like %s of a report (%s, %s), but a name alone proves nothing.", m.Report.Name,
			m.Report.Family, m.Report.Source)
	}
	if m.Report.Weak {
		return fmt.Sprintf("Reports name %s (%s, %s), too, but the name is common and says little alone.", m.Report.Name,
			m.Report.Family, m.Report.Source)
	}
	return fmt.Sprintf("%s is named in a report: %s, %s.", m.Report.Name, m.Report.Family, m.Report.Source)
}

// loggingBeside says what became of logging beside a module.
func (v *Verdict) loggingBeside(m *Module) (out []string) {
	o := offBefore(v.Off, m.At)
	when := ""
	switch {
	case o != nil:
		when = " " + Span(m.At.Sub(o.From)) + " earlier"
	case len(v.Off) > 0:
		o = &v.Off[0]
		when = at(o.From)
	default:
		return nil
	}
	scope := ""
	if o.Scope != allSites {
		scope = " for " + o.Scope
	}
	if o.Found != nil {
		return append(out, "HTTP logging is off"+scope+o.Found.in()+again(*o)+".")
	}
	out = append(out, "HTTP logging was switched off"+scope+when+again(*o)+".")
	if says := v.log.says(o.From); o.Said && m.Said && says == v.log.says(m.At) {
		out = append(out, "A command line says that, too.")
	} else if o.Said {
		out = append(out, says)
	}
	return out
}

// again says when logging was on again.
func again(o Off) string {
	if o.To.IsZero() {
		return " and is not on again in these logs"
	}
	return " and on again" + at(o.To)
}

func by(who string) string {
	if who == "" {
		return " by an account that the log does not name"
	}
	return " by " + who
}

// Layout is how a sentence gives a time.
const Layout = "2006-01-02 15:04:05 UTC"

func at(t time.Time) string {
	if t.IsZero() {
		return " at a time that the log does not give"
	}
	return " at " + t.UTC().Format(Layout)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Span says a duration by its two greatest units: "4 min 9 s".
func Span(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	var out []string
	for _, u := range units {
		if n := d / u.of; n > 0 && len(out) < 2 {
			out = append(out, fmt.Sprintf("%d %s", n, u.name))
			d -= n * u.of
		} else if len(out) > 0 {
			break
		}
	}
	if out == nil {
		return "less than a second"
	}
	return strings.Join(out, " ")
}
