package iisconfig

import (
	"cmp"
	"slices"
	"strings"
)

// Op is what was done to a setting.
type Op string

// The operations.
const (
	Added   Op = "added"
	Removed Op = "removed"
	Changed Op = "changed"
	Moved   Op = "moved" // the order of a list
)

// Difference is one thing in which two configurations differ, named as event 29 names it.
type Difference struct {
	Op            Op
	ConfigPath    string // where: MACHINE/WEBROOT/APPHOST, or a site below it
	Configuration string // the path of the element, or of its attribute
	Was, Is       string // the value of an attribute; of a list its order
	Attributes    []Attr // of an element that was added or removed
	WasLine       int
	IsLine        int
}

// Text is the difference in words.
func (d *Difference) Text() string {
	steps := Steps(d.Configuration)
	last := len(steps) - 1
	if last < 0 {
		return string(d.Op)
	}
	if d.Op == Moved {
		return "the order of " + steps[last] + " changed"
	}
	attr := ""
	if last > 0 && strings.HasPrefix(steps[last], "@") {
		attr, last = steps[last][1:], last-1
	}
	name, in := keyOf(steps[last]), ""
	if name != cutKey(steps[last]) && last > 0 {
		in = " in " + keyOf(steps[last-1])
	}
	switch {
	case d.Op == Changed:
		return name + in + ": " + attr + " changed"
	case in == "":
		in = " " + string(d.Op)
	case d.Op == Added:
		in = " added to" + in[3:]
	default:
		in = " removed from" + in[3:]
	}
	s := name + in
	for i, a := range d.Attributes {
		if i == 8 {
			return s + ", …"
		}
		if !strings.Contains(steps[last], "@"+a.Name+"=") {
			s += ", " + a.Name + " " + a.Value
		}
	}
	return s
}

// Steps are the steps of a path in the configuration.
func Steps(path string) (out []string) {
	quoted, from := false, 0
	path = strings.Trim(path, "/")
	for i := range len(path) {
		switch {
		case path[i] == '"':
			quoted = !quoted
		case path[i] == '/' && !quoted:
			out = append(out, path[from:i])
			from = i + 1
		}
	}
	if path != "" {
		out = append(out, path[from:])
	}
	return out
}

// keyOf is what a person calls an element: the value of its key, or its name.
func keyOf(step string) string {
	_, key, ok := strings.Cut(step, `="`)
	if !ok {
		return step
	}
	key, _, _ = strings.Cut(key, `"`)
	return cmp.Or(key, step)
}

// key names an element among those of a file.
type key struct {
	location, path string
	nth            int // of those of the same name
}

func (c *Config) byKey() (map[key]*Element, []key) {
	out, order := make(map[key]*Element, len(c.Elements)), make([]key, 0, len(c.Elements))
	seen := map[key]int{}
	for i := range c.Elements {
		e := &c.Elements[i]
		k := key{strings.ToLower(e.Location), strings.ToLower(e.Path), 0}
		seen[k]++
		k.nth = seen[k]
		out[k] = e
		order = append(order, k)
	}
	return out, order
}

// pathOf is the path in the configuration of a location of a file.
func (c *Config) pathOf(location string) string {
	level := cmp.Or(c.Level, Server)
	if location == "" {
		return level
	}
	return level + "/" + location
}

// Diff are the differences between two versions of a configuration, in the order of the
// later one, those of the earlier one alone last.
func Diff(was, is *Config) (out []Difference) {
	old, before := was.byKey()
	now, order := is.byKey()
	for _, k := range order {
		e, o := now[k], old[k]
		d := Difference{ConfigPath: is.pathOf(e.Location), Configuration: e.Path, IsLine: e.Line}
		if o == nil {
			if telling(e) {
				d.Op, d.Attributes = Added, e.Attrs
				out = append(out, d)
			}
			continue
		}
		d.Op, d.WasLine = Changed, o.Line
		for _, a := range e.Attrs {
			if first, _ := e.get(a.Name); first != a.Value {
				continue // it stands there twice: the first counts
			}
			if v, ok := o.get(a.Name); !ok || v != a.Value {
				d.Configuration, d.Was, d.Is = e.Path+"/@"+a.Name, v, a.Value
				out = append(out, d)
			}
		}
		for _, a := range o.Attrs {
			if _, ok := e.get(a.Name); !ok {
				d.Configuration, d.Was, d.Is = e.Path+"/@"+a.Name, a.Value, ""
				out = append(out, d)
			}
		}
	}
	for _, k := range before {
		if o := old[k]; now[k] == nil && telling(o) {
			out = append(out, Difference{Op: Removed, ConfigPath: was.pathOf(o.Location), Configuration: o.Path,
				Attributes: o.Attrs, WasLine: o.Line})
		}
	}
	return append(out, moved(was, is)...)
}

// telling says whether it says something that an element is there.
func telling(e *Element) bool {
	return len(e.Attrs) > 0 || strings.HasSuffix(strings.ToLower(e.Path), "/clear")
}

func (e *Element) get(name string) (string, bool) {
	for _, a := range e.Attrs {
		if strings.EqualFold(a.Name, name) {
			return a.Value, true
		}
	}
	return "", false
}

// moved says where the modules that both versions have stand in another order.
func moved(was, is *Config) (out []Difference) {
	for _, section := range []string{"globalModules", "modules"} {
		a, b := was.names(section), is.names(section)
		in := func(list []string) func(string) bool {
			set := map[string]bool{}
			for _, n := range list {
				set[n] = true
			}
			return func(n string) bool { return !set[n] }
		}
		a, b = slices.DeleteFunc(slices.Clone(a), in(b)), slices.DeleteFunc(slices.Clone(b), in(a))
		if !slices.Equal(a, b) {
			out = append(out, Difference{Op: Moved, ConfigPath: is.pathOf(""), Configuration: "/system.webServer/" + section,
				Was: strings.Join(a, ", "), Is: strings.Join(b, ", ")})
		}
	}
	return out
}

func (c *Config) names(section string) (out []string) {
	for _, e := range c.Entries {
		if e.Section == section && e.Location == "" && e.Op == "add" {
			out = append(out, e.Name)
		}
	}
	return out
}
