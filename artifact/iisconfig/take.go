package iisconfig

import (
	"fmt"
	"strings"
)

// mostKept is how many elements with settings, entries or sites are kept of a file.
const mostKept = 50_000

// take keeps what an element says.
func (p *parser) take(n *node, l, up *level) {
	c := p.c
	low := strings.ToLower(l.path)
	if strings.HasPrefix(low, "/configsections") {
		return
	}
	e := Element{Location: l.location, Path: l.path, Line: n.line}
	for _, a := range n.attrs {
		e.Attrs = append(e.Attrs, Attr{a.name, shown(n, a.name, a.value)})
	}
	if len(c.Elements) >= mostKept || len(c.Entries) >= mostKept || len(c.Sites) >= mostKept {
		if c.Cut == "" {
			c.Cut = fmt.Sprintf("It has very many settings: those behind line %d are not compared.", n.line)
		}
		return
	}
	c.Elements = append(c.Elements, e)
	name := strings.ToLower(n.name)
	switch {
	case name == "add" || name == "remove" || name == "clear" || name == "filter":
		p.entry(n, up)
	case name == "site":
		c.Sites = append(c.Sites, Site{Name: n.get("name"), ID: n.get("id"), Line: n.line})
		l.of = len(c.Sites)
	case name == "application":
		l.app = strings.TrimRight(n.get("path"), "/")
	case name == "virtualdirectory" && up.of > 0:
		site := &c.Sites[up.of-1]
		site.Applications = append(site.Applications, Application{
			Path:         "/" + strings.Trim(up.app+"/"+strings.Trim(n.get("path"), "/"), "/"),
			PhysicalPath: n.get("physicalPath")})
	case name == "confighistory":
		h := &History{Path: n.get("path"), Max: n.get("maxHistories"), Period: n.get("period"), Line: n.line}
		if n.has("enabled") {
			on := !strings.EqualFold(n.get("enabled"), "false")
			h.Enabled = &on
		}
		c.History = h
	case name == "configurationredirection":
		c.Redirection = &RedirectedTo{Enabled: strings.EqualFold(n.get("enabled"), "true"), Path: n.get("path")}
	case name == "machinekey":
		k := MachineKey{Location: l.location, Validation: literal(n.get("validationKey")),
			Decryption: literal(n.get("decryptionKey")), Line: n.line}
		if k.Validation || k.Decryption {
			c.MachineKeys = append(c.MachineKeys, k)
		}
	}
}

// literal says whether a key stands in the file: else it is made, or encrypted.
func literal(key string) bool {
	return key != "" && !strings.HasPrefix(strings.ToLower(key), "autogenerate") && !strings.HasPrefix(key, "[enc:")
}

// entry keeps an entry of what loads code.
func (p *parser) entry(n *node, up *level) {
	section := ""
	for _, s := range []string{"/system.webServer/globalModules", "/system.webServer/modules",
		"/system.webServer/isapiFilters", "/system.webServer/handlers", "/system.webServer/security/isapiCgiRestriction",
		"/system.web/httpModules", "/system.web/httpHandlers"} {
		if strings.EqualFold(up.path, s) {
			section = s[strings.LastIndexByte(s, '/')+1:]
		}
	}
	if section == "" {
		return
	}
	e := Entry{Section: section, Location: up.location, Op: strings.ToLower(n.name), Name: n.get("name"),
		Image: n.get("image"), Type: n.get("type"), PreCondition: n.get("preCondition"), Path: n.get("path"),
		Verb: n.get("verb"), Modules: n.get("modules"), ScriptProcessor: n.get("scriptProcessor"), Line: n.line,
		Disabled: strings.EqualFold(n.get("enabled"), "false") || strings.EqualFold(n.get("allowed"), "false")}
	switch {
	case e.Op == "filter":
		e.Op, e.Image, e.Path = "add", e.Path, ""
	case section == "isapiCgiRestriction":
		e.Name = n.get("description")
	}
	p.c.Entries = append(p.c.Entries, e)
}
