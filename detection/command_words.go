package detection

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// appcmdOf reads a call of appcmd; its words begin with the options where it is the
// process itself under another name.
func appcmdOf(words []string, appcmd bool) (m moduleCommand, ok bool) {
	at := slices.IndexFunc(words, isAppcmd)
	if at < 0 && appcmd {
		at = 0
	}
	if at < 0 || len(words) < at+3 || slices.ContainsFunc(words[:at], isAway) {
		return m, false
	}
	verb, object := strings.ToLower(words[at+1]), strings.ToLower(words[at+2])
	options := optionsOf(words[at+3:])
	m.scope = strings.TrimSuffix(options["app.name"], "/")
	if verb == "set" || verb == "add" {
		if logging := loggingOption(words[at+3:]); logging.kind != 0 {
			logging.scope = cmp.Or(logging.scope, m.scope, options["site.name"], options[""])
			return logging, true
		}
	}
	if object == "config" && verb == "set" {
		return m, m.section(options["section"], words[at+3:])
	}
	if object != "module" && object != "modules" {
		return m, false
	}
	if m.name = options["name"]; m.name == "" {
		m.name = options["module.name"]
	}
	if m.name == "" {
		m.name = options[""]
	}
	switch verb {
	case "install":
		m.kind, m.image = ModuleAdded, options["image"]
	case "add":
		m.kind, m.image = ModuleEnabledForSite, options["type"]
	case "uninstall":
		m.kind = ModuleRemoved
	case "delete":
		m.kind = ModuleDisabledForSite
	}
	return m, m.kind != 0
}

// optionsOf are the options of appcmd, /name:value, by their names in lower case; ""
// is the first word that is none.
func optionsOf(words []string) map[string]string {
	out := map[string]string{}
	for _, w := range words {
		name, value := "", w
		if strings.HasPrefix(w, "/") || strings.HasPrefix(w, "-") {
			name, value, _ = strings.Cut(w[1:], ":")
			name = strings.ToLower(name)
		}
		if _, there := out[name]; !there {
			out[name] = value
		}
	}
	return out
}

var (
	listEntry = regexp.MustCompile(`(?i)^[/-]([+-]?)(?:(?:system\.webserver/)?(?:globalmodules|modules))?\.?` +
		`\[(.*)\](?:\.(image|type))?(?::(.*))?$`)
	entryField  = regexp.MustCompile(`(?i)\b(name|image|type)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,;\]}]*))`)
	configEntry = regexp.MustCompile(`(?i)\b(?:add|set)-webconfiguration(?:property)?\b[^\n|]*webserver/globalmodules` +
		`[^\n|]*?@\{([^}]*)\}`)
)

// section reads what appcmd writes into a list of modules: /+[name='X',image='Y'].
func (m *moduleCommand) section(section string, words []string) bool {
	section = strings.ToLower(section[strings.LastIndexByte(section, '/')+1:])
	if section != "globalmodules" && section != "modules" {
		return false
	}
	for _, w := range words {
		entry := listEntry.FindStringSubmatch(w)
		if entry == nil {
			continue
		}
		m.fields(entry[2])
		switch global := section == "globalmodules"; {
		case entry[3] != "":
			m.kind, m.image = ModuleImage, entry[4]
		case entry[1] == "+" && global:
			m.kind = ModuleAdded
		case entry[1] == "+":
			m.kind = ModuleEnabledForSite
		case entry[1] == "-" && global:
			m.kind = ModuleRemoved
		case entry[1] == "-":
			m.kind = ModuleDisabledForSite
		}
		return m.kind != 0
	}
	return false
}

// fields reads name='X',image='Y'.
func (m *moduleCommand) fields(text string) {
	for _, f := range entryField.FindAllStringSubmatch(text, -1) {
		value := strings.TrimSpace(f[2] + f[3] + f[4])
		if strings.EqualFold(f[1], "name") {
			m.name = value
		} else {
			m.image = imageWord(value)
		}
	}
}

// configEntries are the modules that a script writes into the list of global ones.
func configEntries(text string) (out []moduleCommand) {
	for _, f := range configEntry.FindAllStringSubmatch(text, -1) {
		m := moduleCommand{kind: ModuleAdded}
		m.fields(f[1])
		out = append(out, m)
	}
	return out
}

// cmdlet is a command of PowerShell's WebAdministration: what it does, and the
// parameter that holds an image.
type cmdlet struct {
	kind  Kind
	image string
}

var cmdlets = map[string]cmdlet{
	"new-webglobalmodule":      {ModuleAdded, "image"},
	"set-webglobalmodule":      {ModuleImage, "image"},
	"enable-webglobalmodule":   {ModuleEnabledForSite, ""},
	"disable-webglobalmodule":  {ModuleDisabledForSite, ""},
	"remove-webglobalmodule":   {ModuleRemoved, ""},
	"new-webmanagedmodule":     {ModuleEnabledForSite, "type"},
	"set-webmanagedmodule":     {ModuleImage, "type"},
	"remove-webmanagedmodule":  {ModuleDisabledForSite, ""},
	"enable-webmanagedmodule":  {ModuleEnabledForSite, ""},
	"disable-webmanagedmodule": {ModuleDisabledForSite, ""},
}

// cmdletOf reads a call of one of them.
func cmdletOf(words []string) (m moduleCommand, ok bool) {
	at := slices.IndexFunc(words, func(w string) bool {
		_, ok := cmdlets[strings.ToLower(strings.TrimLeft(w, "("))]
		return ok
	})
	if at < 0 || slices.ContainsFunc(words[:at], isAway) {
		return m, false
	}
	c := cmdlets[strings.ToLower(strings.TrimLeft(words[at], "("))]
	m.kind = c.kind
	place := []string{"name", c.image} // of what has no name of its own
	for i := at + 1; i < len(words); i++ {
		w := words[i]
		param := ""
		if strings.HasPrefix(w, "-") {
			param, w, ok = strings.Cut(strings.ToLower(w[1:]), ":")
			if ok {
				w = words[i][len(param)+2:]
			} else if i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
				i++
				w = words[i]
			}
		} else if len(place) > 0 {
			param, place = place[0], place[1:]
		}
		m.param(param, w, c.image)
	}
	return m, true
}

// param takes a parameter, whose name may be cut short.
func (m *moduleCommand) param(name, value, image string) {
	value = strings.TrimRight(value, ")")
	switch {
	case name == "":
	case strings.HasPrefix("name", name):
		m.name = value
	case image != "" && strings.HasPrefix(image, name):
		m.image = imageWord(value)
	}
}

var psVariable = regexp.MustCompile(`(?i)\$(?:env:(\w+)|\{env:([^}]+)\})`)

// imageWord is an image as a script gives it, with the variables of its environment
// as Windows writes them; "" where only the script knows.
func imageWord(s string) string {
	s = psVariable.ReplaceAllString(s, "%$1$2%")
	if strings.ContainsAny(s, "$(") && !strings.Contains(strings.ToLower(s), "(x86)") {
		return ""
	}
	return s
}
