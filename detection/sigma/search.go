package sigma

import (
	"slices"
	"strings"
)

// Env is what searches are written with, beside the rules.
type Env struct {
	// Values stand for the placeholders of expand.
	Values Values
	// Find finds the rule that a correlation refers to, by its id or name; nil finds
	// none.
	Find func(ref string) (*Document, bool)
}

// Search is what a rule comes to as a search of Splunk's language, with its filter at
// the end: one row for each dest and each combination of the fields that tell its
// findings apart. An error is an *Error.
func (d *Document) Search(env Env) (string, error) {
	if d.Correlation != nil {
		return d.correlate(env)
	}
	s, det, c, err := d.compile(env)
	if err != nil {
		return "", err
	}
	return filterText(s.head(), c) + "\n" + d.rows(s, det.fields), nil
}

// compile is a rule's condition, and the log source that it is on.
func (d *Document) compile(env Env) (*source, *detection, cond, error) {
	s := d.source()
	if s == nil {
		return nil, nil, nil, fault(d.detection, "the log source %s is none of Windows or of a web server", d.LogSource)
	}
	det := &detection{node: d.detection, source: s, env: env}
	c, err := det.condition()
	if left := maxText; err == nil && tooLong(c, &left) {
		err = fault(d.detection, "the detection comes to a search that is too long")
	}
	return s, det, c, err
}

// By are the columns of a rule's findings that tell them apart, beside dest.
func (d *Document) by(s *source, named []string) []string {
	if s.by != nil {
		return s.by
	}
	out := []string{"EventID"}
	for _, f := range named {
		if !slices.Contains(out, f) && f != "Computer" && f != "ComputerName" {
			out = append(out, f)
		}
	}
	return out
}

// rows are the commands that make findings of events.
func (d *Document) rows(s *source, named []string) string {
	by := d.by(s, named)
	var lines []string
	if set := settings(s, by); set != "" {
		lines = append(lines, "| eval "+set)
	}
	names := make([]string, len(by))
	for i, f := range by {
		names[i] = fieldName(f)
	}
	users := " values(user) as user"
	if s.user != "" {
		users = ""
	}
	lines = append(lines, `| fillnull value="-" `+strings.Join(names, " "),
		"| stats count min(_time) as firstTime max(_time) as lastTime"+users+"\n    by dest "+strings.Join(names, " "),
		d.ending())
	return strings.Join(lines, "\n")
}

// ending is what all searches of rules end with: times to read, and the rule's filter.
func (d *Document) ending() string {
	return "| `security_content_ctime(firstTime)`\n| `security_content_ctime(lastTime)`\n| `" + d.FilterName() + "`"
}

// unnamed is the field of values without names, of which an event may have several.
const unnamed = "Data"

// settings give events the fields of a finding that they have under other names.
func settings(s *source, by []string) string {
	var out []string
	for _, name := range by {
		f := s.field(name)
		from := f.sources()
		switch {
		case name == unnamed:
			out = append(out, name+"=mvjoin("+name+`, " ")`)
		case len(from) == 1 && f.names[0].name == name || name == "EventID":
		case len(from) == 1:
			out = append(out, refName(name)+"="+from[0])
		default:
			out = append(out, refName(name)+"=coalesce("+strings.Join(from, ", ")+")")
		}
	}
	return strings.Join(out, ", ")
}

// sources are the fields of events from which a column is taken, the first that there
// is.
func (f *field) sources() (out []string) {
	if f.as != "" {
		return []string{refName(f.names[0].name), refName(f.as)}
	}
	for _, e := range f.names {
		out = append(out, refName(e.name))
	}
	return out
}

// UserColumn is the column of a finding that names the user.
func (d *Document) UserColumn() string {
	if s := d.source(); s != nil && s.user != "" {
		return s.user
	}
	return "user"
}

// FilterName is the name of the macro in which the rule's filter is.
func (d *Document) FilterName() string {
	var b strings.Builder
	for _, r := range strings.ToLower(d.Title) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		if b.Len() > 80 {
			break
		}
	}
	name := "sigma_" + strings.Trim(b.String(), "_")
	if id, _, _ := strings.Cut(d.ID, "-"); len(id) == 8 {
		name += "_" + strings.ToLower(id)
	}
	return name + "_filter"
}
