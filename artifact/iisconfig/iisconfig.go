// Package iisconfig reads the configuration files of IIS: as far as they go where they are
// not well-formed, with the line of each entry, and without what is secret in them.
package iisconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// Kind is what a file is, by what it holds.
type Kind string

// The kinds; "" is no configuration of IIS.
const (
	ApplicationHost Kind = "applicationHost"
	Administration  Kind = "administration"
	Redirection     Kind = "redirection"
	Web             Kind = "web"
	Fragment        Kind = "fragment" // sections without what is around them
)

// Server is the path in the configuration of what holds for a whole server.
const Server = "MACHINE/WEBROOT/APPHOST"

// Config is what is read of a file. Values that are secret are masked.
type Config struct {
	Kind        Kind          `json:"kind,omitempty"`
	Encoding    string        `json:"encoding,omitempty"`
	Problem     string        `json:"problem,omitempty"` // where it is not well-formed: a sentence
	Line        int           `json:"line,omitempty"`    // of that
	Column      int           `json:"column,omitempty"`
	Cut         string        `json:"cut,omitempty"` // a bound that was met: a sentence
	Elements    []Element     `json:"elements,omitempty"`
	Entries     []Entry       `json:"entries,omitempty"`
	Sites       []Site        `json:"sites,omitempty"`
	MachineKeys []MachineKey  `json:"machine_keys,omitempty"`
	History     *History      `json:"history,omitempty"`
	Redirection *RedirectedTo `json:"redirection,omitempty"`
	Level       string        `json:"-"` // its path in the configuration; "" the server's
}

// Attr is an attribute; what is secret is masked.
type Attr struct {
	Name  string `json:"n"`
	Value string `json:"v,omitempty"`
}

// Element is an element with settings.
type Element struct {
	Location string `json:"l,omitempty"` // of the element location around it
	Path     string `json:"p"`           // as event 29 writes it
	Attrs    []Attr `json:"a,omitempty"`
	Line     int    `json:"n,omitempty"`
}

// Entry is an entry of globalModules, modules, isapiFilters, handlers,
// isapiCgiRestriction, httpModules or httpHandlers.
type Entry struct {
	Section         string `json:"section"`
	Location        string `json:"location,omitempty"`
	Op              string `json:"op"` // add, remove or clear
	Name            string `json:"name,omitempty"`
	Image           string `json:"image,omitempty"` // the file of a module or filter
	Type            string `json:"type,omitempty"`  // of a managed one
	PreCondition    string `json:"precondition,omitempty"`
	Path            string `json:"path,omitempty"`
	Verb            string `json:"verb,omitempty"`
	Modules         string `json:"modules,omitempty"`
	ScriptProcessor string `json:"script_processor,omitempty"`
	Disabled        bool   `json:"disabled,omitempty"`
	Line            int    `json:"line,omitempty"`
}

// Site is a site with its applications.
type Site struct {
	Name         string        `json:"name"`
	ID           string        `json:"id,omitempty"`
	Applications []Application `json:"applications,omitempty"`
	Line         int           `json:"line,omitempty"`
}

// Application is an application, or a virtual directory of one, and where it lies.
type Application struct {
	Path         string `json:"path"`
	PhysicalPath string `json:"physical_path,omitempty"`
}

// MachineKey is an element machineKey with keys that stand in it.
type MachineKey struct {
	Location   string `json:"location,omitempty"`
	Validation bool   `json:"validation,omitempty"`
	Decryption bool   `json:"decryption,omitempty"`
	Line       int    `json:"line,omitempty"`
}

// Which names the keys that stand there.
func (k *MachineKey) Which() string {
	switch {
	case k.Validation && k.Decryption:
		return "validationKey and decryptionKey"
	case k.Validation:
		return "validationKey"
	}
	return "decryptionKey"
}

// History is how versions are kept, as far as the file sets it.
type History struct {
	Enabled *bool  `json:"enabled,omitempty"`
	Path    string `json:"path,omitempty"`
	Max     string `json:"max,omitempty"`
	Period  string `json:"period,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// RedirectedTo says whether the configuration is read from elsewhere.
type RedirectedTo struct {
	Enabled bool   `json:"enabled,omitempty"`
	Path    string `json:"path,omitempty"`
}

// sections may stand alone in a fragment.
var sections = map[string]string{"globalmodules": "/system.webServer", "modules": "/system.webServer",
	"handlers": "/system.webServer", "isapifilters": "/system.webServer", "httplogging": "/system.webServer",
	"system.webserver": "", "system.applicationhost": "", "system.web": "", "machinekey": "/system.web"}

// Looks says whether a file that begins with head is a configuration of IIS: cheap, by its
// first element and what follows at once.
func Looks(head []byte) bool {
	head, _ = decode(head[:min(len(head), 64<<10)])
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '<' {
		return false
	}
	s := &scanner{in: head, line: 1}
	n, _, ok := s.next()
	if !ok || n == nil {
		return false
	}
	root := strings.ToLower(n.name)
	if root != "configuration" {
		_, is := sections[root]
		return is && root != "modules" && root != "handlers" || is && fragmentOf(s)
	}
	for range 40 {
		n, _, ok := s.next()
		if !ok {
			break
		}
		if n == nil {
			continue
		}
		switch strings.ToLower(n.name) {
		case "configsections", "system.webserver", "system.applicationhost", "system.web", "configurationredirection",
			"moduleproviders", "location", "system.codedom", "connectionstrings", "appsettings", "runtime":
			return true
		}
	}
	return false
}

// fragmentOf says whether entries follow a section that stands alone.
func fragmentOf(s *scanner) bool {
	n, _, ok := s.next()
	return ok && n != nil && (n.name == "add" || n.name == "remove" || n.name == "clear")
}

// level is an element that is open.
type level struct {
	name, path string
	location   string
	of         int    // the site that is open, from 1; 0 none
	app        string // the path of the application that is
}

type parser struct {
	s     *scanner
	c     *Config
	stack []level
	depth int // elements that are too deep to be read
}

// Parse reads a configuration, as far as it goes.
func Parse(data []byte) *Config {
	p := &parser{c: &Config{}}
	if len(data) > mostBytes {
		p.c.Cut = fmt.Sprintf("It is larger than %d MiB: what is behind that was not read.", mostBytes>>20)
		data = data[:mostBytes]
	}
	var in []byte
	in, p.c.Encoding = decode(data)
	p.s = &scanner{in: in, line: 1}
	for {
		n, end, ok := p.s.next()
		if !ok {
			break
		}
		if n == nil {
			p.end(end)
		} else {
			p.begin(n)
		}
	}
	if len(p.stack) > 0 {
		p.s.bad(len(in), "the element %s has no end", clip(p.stack[len(p.stack)-1].name))
	}
	c := p.c
	if p.s.cut != "" {
		c.Cut = p.s.cut
	}
	if s := p.s; s.problem != "" && c.Cut == "" {
		c.Line, c.Column = s.probLine, s.probColumn
		c.Problem = fmt.Sprintf("Line %d, column %d: %s. IIS would refuse this file; it was read as far as it goes, with %s.",
			c.Line, c.Column, s.problem, count(len(c.Entries)))
	}
	c.Kind = c.kind()
	return c
}

func count(n int) string {
	if n == 1 {
		return "1 entry of modules, filters and handlers"
	}
	return fmt.Sprintf("%d entries of modules, filters and handlers", n)
}

// kind is what the file is by what it holds.
func (c *Config) kind() Kind {
	has := map[string]bool{}
	for _, e := range c.Elements {
		steps := strings.SplitN(strings.TrimPrefix(e.Path, "/"), "/", 3)
		has[strings.ToLower(cutKey(steps[0]))] = true
		if len(steps) > 1 {
			has[strings.ToLower(cutKey(steps[0])+"/"+cutKey(steps[1]))] = true
		}
	}
	fragment := !has["configuration"]
	switch {
	case has["system.applicationhost"] || has["system.webserver/globalmodules"] && !fragment:
		return ApplicationHost
	case has["moduleproviders"]:
		return Administration
	case c.Redirection != nil:
		return Redirection
	case fragment:
		return Fragment
	}
	return Web
}

func cutKey(step string) string {
	name, _, _ := strings.Cut(step, "[")
	return name
}

func (p *parser) begin(n *node) {
	if len(p.stack) >= mostDepth {
		if !n.empty {
			p.depth++
		}
		p.s.bad(p.s.at-1, "elements stand more than %d deep, which no configuration does", mostDepth)
		return
	}
	l := p.open(n)
	if !n.empty {
		p.stack = append(p.stack, l)
	}
}

func (p *parser) end(name string) {
	if p.depth > 0 {
		p.depth--
		return
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		if strings.EqualFold(p.stack[i].name, name) {
			if i < len(p.stack)-1 {
				p.s.bad(p.s.at-1, "the element %s ends where %s is still open", clip(name), clip(p.stack[len(p.stack)-1].name))
			}
			p.stack = p.stack[:i]
			return
		}
	}
	p.s.bad(p.s.at-1, "the element %s ends that did not begin", clip(name))
}

// open takes an element in, and is its level.
func (p *parser) open(n *node) level {
	root := len(p.stack) == 0
	up := level{}
	if root {
		up.path = sections[strings.ToLower(n.name)]
	} else {
		up = p.stack[len(p.stack)-1]
	}
	l := level{name: n.name, path: up.path, location: up.location, of: up.of, app: up.app}
	switch {
	case root && strings.EqualFold(n.name, "configuration"):
		p.c.Elements = append(p.c.Elements, Element{Path: "/configuration", Line: n.line})
		return l
	case strings.EqualFold(n.name, "location"):
		at := n.get("path")
		if at != "." && at != "" {
			l.location = strings.Trim(at, "/")
		}
		return l
	}
	l.path = up.path + "/" + n.step()
	if len(l.path) > mostPath {
		l.path = up.path + "/" + clip(n.name)
	}
	if len(l.path) > mostPath {
		l.path = up.path
	}
	p.take(n, &l, &up)
	return l
}

func (n *node) get(name string) string {
	for _, a := range n.attrs {
		if strings.EqualFold(a.name, name) {
			return a.value
		}
	}
	return ""
}

func (n *node) has(name string) bool {
	for _, a := range n.attrs {
		if strings.EqualFold(a.name, name) {
			return true
		}
	}
	return false
}

// keys are the attributes by which collections know their entries, the first that is there
// counts.
var keys = [][]string{{"name", "id"}, {"name"}, {"path"}, {"protocol", "bindingInformation"}, {"statusCode"},
	{"fileExtension"}, {"provider", "areas"}, {"key"}, {"value"}, {"type"}, {"users", "roles", "verbs"}, {"segment"},
	{"url"}}

// step is an element as a path has it: add[@name="X"].
func (n *node) step() string {
	low := strings.ToLower(n.name)
	switch low {
	case "add", "remove", "site", "application", "virtualdirectory", "binding", "filter", "error", "rule", "section",
		"sectiongroup", "listen", "provider", "action":
	default:
		return n.name
	}
	for _, of := range keys {
		if len(of) == 2 && of[1] == "id" && low != "site" {
			continue
		}
		var parts []string
		for _, k := range of {
			if n.has(k) {
				parts = append(parts, `@`+k+`="`+n.get(k)+`"`)
			}
		}
		if len(parts) == len(of) || len(of) == 3 && len(parts) > 0 {
			return n.name + "[" + strings.Join(parts, " and ") + "]"
		}
	}
	return n.name
}
