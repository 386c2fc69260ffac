// Package modlist reads lists of IIS modules as tools print them: Get-WebGlobalModule and
// Get-WebManagedModule of PowerShell, appcmd list modules.
package modlist

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

const (
	mostBytes   = 16 << 20
	mostEntries = 20_000
	mostText    = 4096
)

// The tools.
const (
	AppCmd     = "appcmd list modules"
	PowerShell = "Get-WebGlobalModule"
)

// List is what a list holds.
type List struct {
	Tool    string  `json:"tool,omitempty"`
	Entries []Entry `json:"entries,omitempty"`
	Problem string  `json:"problem,omitempty"`
	Cut     string  `json:"cut,omitempty"`
}

// Entry is a module that is listed.
type Entry struct {
	Name         string `json:"name"`
	Image        string `json:"image,omitempty"`
	Type         string `json:"type,omitempty"`
	PreCondition string `json:"precondition,omitempty"`
	Managed      bool   `json:"managed,omitempty"`
	Short        bool   `json:"short,omitempty"` // its image was cut by the tool, "…"
	Line         int    `json:"line,omitempty"`
}

// MODULE "Session" ( type:System.Web.SessionState.SessionStateModule, preCondition:managedHandler )
var module = regexp.MustCompile(`^\s*MODULE\s+"([^"]*)"\s*\(\s*(.*?)\s*\)?\s*$`)

// Looks says whether a file that begins with head is such a list.
func Looks(head []byte) bool {
	if looksLikeObjects(decode(head)) {
		return true
	}
	for i, line := range lines(decode(head[:min(len(head), 16<<10)])) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		return i < 20 && (module.MatchString(line) || columns(line) != nil || property(line) && isList(head))
	}
	return false
}

// columns are where the columns Name and Image of a table begin; nil: the line heads none.
func columns(line string) []int {
	f := strings.Fields(line)
	if len(f) < 2 || f[0] != "Name" || f[1] != "Image" || len(f) > 3 ||
		len(f) == 3 && !strings.EqualFold(f[2], "PreCondition") {
		return nil
	}
	at := []int{strings.Index(line, "Name"), strings.Index(line, "Image")}
	if len(f) == 3 {
		at = append(at, strings.LastIndex(line, f[2]))
	}
	return at
}

var pair = regexp.MustCompile(`^(Name|Image|PreCondition|Type)\s*: ?(.*)$`)

// other is a property of a module that is not taken.
var other = regexp.MustCompile(`^[A-Za-z]\w{0,60}\s*:`)

func property(line string) bool { return pair.MatchString(line) }

// isList says whether a text of properties has a name and an image of a module.
func isList(head []byte) bool {
	text := string(decode(head[:min(len(head), 16<<10)]))
	return regexp.MustCompile(`(?m)^Name\s*:`).MatchString(text) && regexp.MustCompile(`(?m)^Image\s*:`).MatchString(text)
}

// Parse reads such a list.
func Parse(data []byte) *List {
	l := &List{}
	if len(data) > mostBytes {
		l.Cut = fmt.Sprintf("It is larger than %d MiB: the rest was not read.", mostBytes>>20)
		data = data[:mostBytes]
	}
	text := decode(data)
	if l.json(text) || l.csv(text) {
		return l
	}
	var at []int
	var open *Entry
	var last *string // the value that a line may go on with
	odd := 0
	flush := func() {
		if open != nil && open.Name != "" {
			l.add(*open)
		}
		open = nil
	}
	for n, line := range lines(text) {
		switch {
		case strings.TrimSpace(line) == "":
			if at == nil {
				flush()
			}
		case module.MatchString(line):
			m := module.FindStringSubmatch(line)
			l.Tool = AppCmd
			l.add(appcmd(m[1], m[2], n+1))
		case columns(line) != nil:
			at, l.Tool = columns(line), PowerShell
		case at != nil && strings.Trim(line, "- ") == "":
		case at != nil:
			l.row(line, at, n+1)
		case property(line):
			l.Tool = PowerShell
			m := pair.FindStringSubmatch(line)
			if m[1] == "Name" {
				flush()
			}
			if open == nil {
				open = &Entry{Line: n + 1}
			}
			last = open.set(m[1], m[2])
		case open != nil && strings.HasPrefix(line, "  "): // a value that goes on
			if last != nil && len(*last) < mostText {
				*last = clip(*last + strings.TrimSpace(line))
			}
		case open != nil && other.MatchString(line):
			last = nil
		default:
			if odd++; odd == 1 {
				l.Problem = fmt.Sprintf("Line %d is no line of such a list: it, and others like it, were passed over.", n+1)
			}
		}
	}
	flush()
	return l
}

// set sets a property, and is where its value stands.
func (e *Entry) set(name, value string) *string {
	value = clip(strings.TrimSpace(value))
	into := map[string]*string{"Name": &e.Name, "Image": &e.Image, "PreCondition": &e.PreCondition, "Type": &e.Type}[name]
	*into = value
	e.Managed = e.Type != ""
	return into
}

func appcmd(name, rest string, line int) Entry {
	e := Entry{Name: clip(name), Line: line}
	rest, pre, _ := strings.Cut(rest, "preCondition:")
	e.PreCondition = clip(strings.TrimSpace(pre))
	if _, typ, ok := strings.Cut(rest, "type:"); ok {
		e.Type, e.Managed = clip(strings.TrimRight(strings.TrimSpace(typ), ", ")), true
	}
	return e
}

// row reads a line of a table: an image that was cut ends with dots.
func (l *List) row(line string, at []int, n int) {
	runes := []rune(line)
	cell := func(i int) string {
		from, to := min(at[i], len(runes)), len(runes)
		if i+1 < len(at) {
			to = min(at[i+1], len(runes))
		}
		return strings.TrimSpace(string(runes[from:to]))
	}
	e := Entry{Name: clip(cell(0)), Image: clip(cell(1)), Line: n}
	if len(at) > 2 {
		e.PreCondition = clip(cell(2))
	}
	e.Short = strings.HasSuffix(e.Image, "…") || strings.HasSuffix(e.Image, "...")
	if e.Name != "" {
		l.add(e)
	}
}

func (l *List) add(e Entry) {
	if len(l.Entries) == mostEntries {
		l.Cut = fmt.Sprintf("It has more than %d modules: the rest was not read.", mostEntries)
		return
	}
	l.Entries = append(l.Entries, e)
}

func clip(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), mostText)], "\uFFFD")
	return strings.ToValidUTF8(s[:min(len(s), mostText)], "")
}

func lines(text []byte) []string {
	return strings.Split(strings.ReplaceAll(string(text), "\r", ""), "\n")
}

// decode makes UTF-8 of a text: PowerShell's > writes UTF-16.
func decode(data []byte) []byte {
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return data[3:]
	}
	low, high := 0, 1
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		low, high = 1, 0
	default:
		return data
	}
	units := make([]uint16, len(data)/2-1)
	for i := range units {
		units[i] = uint16(data[2+2*i+low]) | uint16(data[2+2*i+high])<<8
	}
	return []byte(string(utf16.Decode(units)))
}
