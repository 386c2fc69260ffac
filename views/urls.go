package views

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Passing are the words of a query that are of one moment: a place in a list, what a
// form was begun with, a part of a page, what was just done. No link carries them on.
var Passing = []string{"after", "before", "risk-after", "risk-before", "part", "note", "set", "changed", "undone"}

// HostURL is the page of a dest. A dest is the log's and hostile: one that
// cannot stand as a path element ("", ".", "..") goes into the query.
func HostURL(dest string) string {
	if oddElement(dest) {
		return "/hosts/?dest=" + url.QueryEscape(dest)
	}
	return "/hosts/" + url.PathEscape(dest)
}

// HostAtURL is the page of a dest with an as-of; a zero time is none.
func HostAtURL(dest string, asOf time.Time) string {
	if asOf.IsZero() {
		return HostURL(dest)
	}
	return WithQuery(HostURL(dest), "as-of", asOf.UTC().Format(time.RFC3339))
}

// HostNotesURL is where a new note of a dest is posted.
func HostNotesURL(dest string) string {
	if oddElement(dest) {
		return "/hosts/notes?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/notes"
}

// HostTriageURL is where the triage of a dest is posted.
func HostTriageURL(dest string) string {
	if oddElement(dest) {
		return "/hosts/triage?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/triage"
}

// HostNamesURL is where another name of a dest is posted; below it, at "/undo", what
// takes that back.
func HostNamesURL(dest string, below ...string) string {
	rest := strings.Join(below, "")
	if oddElement(dest) {
		return "/hosts/names" + rest + "?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/names" + rest
}

// HostModulesURL is the module ledger of a dest; below it, at ".csv", as a table.
func HostModulesURL(dest string, kind ...string) string {
	rest := strings.Join(kind, "")
	if oddElement(dest) {
		return "/modules" + rest + "?dest=" + url.QueryEscape(dest)
	}
	return HostURL(dest) + "/modules" + rest
}

func oddElement(s string) bool { return s == "" || s == "." || s == ".." }

// UserURL is the page of a user; a name is the log's, as a dest is.
func UserURL(name string) string {
	if oddElement(name) {
		return "/users/?name=" + url.QueryEscape(name)
	}
	return "/users/" + url.PathEscape(name)
}

// ObjectURL is the page of a risk object; "" of a type that has none.
func ObjectURL(o ObjectRef) string {
	switch strings.ToLower(o.Type) {
	case "system":
		return HostURL(o.Name)
	case "user":
		return UserURL(o.Name)
	}
	return ""
}

// FindingURL is the page of a finding.
func FindingURL(id string) string { return "/findings/" + url.PathEscape(id) }

// EventURL is the page of an event.
func EventURL(id int64) string { return "/events/" + strconv.FormatInt(id, 10) }

// ImportURL is the page of an import.
func ImportURL(id string) string { return "/imports/" + url.PathEscape(id) }

// RuleURL is the page of a rule.
func RuleURL(id string) string { return "/rules/" + url.PathEscape(id) }

// NoteURL is where an edit of a note is posted; the form to edit it is at
// "/edit" below it, and its deletion is posted to "/delete".
func NoteURL(id int64) string { return "/notes/" + strconv.FormatInt(id, 10) }

// WithQuery is an address of ours with the named values of its query replaced:
// pairs of a name and a value, where an empty value takes the name away.
func WithQuery(address string, pairs ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// WebLink is a reference as an address to follow, when it is one of the web
// without a login in it, and whether it is.
func WebLink(ref string) (templ.SafeURL, bool) {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return "", false
	}
	return templ.SafeURL(u.String()), true
}

// ATTCKURL is a technique's page at MITRE; "" when the id is not one.
func ATTCKURL(id string) string {
	if len(id) < 2 || len(id) > 12 || id[0] != 'T' {
		return ""
	}
	for _, c := range id[1:] {
		if c != '.' && (c < '0' || c > '9') {
			return ""
		}
	}
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/"
}

// here marks an address as one of ours: all are built above or by handlers.
func here(u string) templ.SafeURL {
	if !strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "?") && !strings.HasPrefix(u, "#") ||
		strings.HasPrefix(u, "//") || strings.HasPrefix(u, `/\`) {
		return "#"
	}
	return templ.SafeURL(u)
}
