package detection

import "strings"

// Kind says what a change to the IIS configuration is about. Kinds are bits:
// those of many events can be put together with |.
type Kind uint32

// What was changed. The bits may be stored: new ones go to the end.
const (
	ModuleAdded           Kind = 1 << iota // entry of globalModules added
	ModuleRemoved                          // entry of globalModules deleted
	ModuleImage                            // image or type of a module set or changed
	ModuleChanged                          // other attributes, or the entry edited
	ModuleEnabledForSite                   // entry of modules added, or its removal undone
	ModuleDisabledForSite                  // entry of modules removed
	HTTPLoggingOff                         // httpLogging dontLog true, or a site's logFile disabled
	ETWTargetRemoved                       // the log is no longer sent to ETW
	LoggingChanged                         // anything else about logging
	ISAPIFilter                            // an ISAPI filter added, removed or changed
	OtherChange
)

// What qualifies the kinds above.
const (
	OwnModule    Kind = 1 << (24 + iota) // the module's name is one that IIS brings
	KnownBadName                         // module or image has a name from reports on malicious modules
	ForeignImage                         // an own name with an image that IIS does not bring
	Unsure                               // the log does not say what was done: by the path alone
	FromFile                             // a file of the server says it, and no event; never stored
	Standing                             // nor since when: it stands in the oldest version that was collected
)

// Qualifiers are what qualifies kinds, and is none.
const Qualifiers = OwnModule | KnownBadName | ForeignImage | Unsure

// ParseKind reads one of a kind's labels, in any case; 0 where it is none.
func ParseKind(label string) Kind {
	for _, l := range kindLabels {
		if strings.EqualFold(l.label, label) {
			return l.kind
		}
	}
	return 0
}

// ModuleKinds are the kinds that are about modules.
const ModuleKinds = ModuleAdded | ModuleRemoved | ModuleImage | ModuleChanged |
	ModuleEnabledForSite | ModuleDisabledForSite

// kindLabels are the kinds in words, the gravest first.
var kindLabels = []struct {
	kind  Kind
	label string
}{
	{KnownBadName, "name known from reports"},
	{ForeignImage, "own name, foreign image"},
	{ModuleAdded, "module added"},
	{ModuleRemoved, "module removed"},
	{ModuleImage, "module image set"},
	{ModuleEnabledForSite, "module enabled for sites"},
	{ModuleDisabledForSite, "module removed for sites"},
	{ModuleChanged, "module changed"},
	{HTTPLoggingOff, "HTTP logging switched off"},
	{ETWTargetRemoved, "ETW log target removed"},
	{ISAPIFilter, "ISAPI filter changed"},
	{LoggingChanged, "logging changed"},
	{OtherChange, "other change"},
	{OwnModule, "IIS's own module"},
	{Unsure, "operation not in the log"},
}

// Labels are the kinds in words, the gravest first.
func (k Kind) Labels() []string {
	var out []string
	for _, l := range kindLabels {
		if k&l.kind != 0 {
			out = append(out, l.label)
		}
	}
	return out
}

func (k Kind) String() string { return strings.Join(k.Labels(), ", ") }

// Change is what one event 29 says was changed.
type Change struct {
	Kind          Kind
	Configuration string // the path of what was changed
	ConfigPath    string // where: MACHINE/WEBROOT/APPHOST, or a site below it
	Module        string // the module's name as the path has it, or ""
	Image         string // the new image or type, or ""
	Old, New      string
	Bad           *KnownBad // when Kind has KnownBadName
}

// Getter is what ChangeOf reads: an event, or a finding's row.
type Getter interface {
	Get(name string) (string, bool)
}

// EditOperationType of event 29.
const (
	opAdd    = "1"
	opDelete = "2"
	opModify = "3"
)

// ChangeOf says what a change is about: from Configuration, ConfigPath,
// EditOperationType, OldValue and NewValue; where there is only the Message,
// from the two paths in it. ok is false when there is neither.
//
// EditOperationType 1 is also seen where a value was changed, so the path
// decides what was changed and the operation only what was done to it. Without
// the operation an entry may have been added or deleted: the kind is that of
// the path, and Unsure.
func ChangeOf(g Getter) (c Change, ok bool) {
	c.Configuration, ok = g.Get("Configuration")
	c.ConfigPath, _ = g.Get("ConfigPath")
	if !ok {
		m, _ := g.Get("Message")
		if c.Configuration, c.ConfigPath, ok = ParseMessage(m); !ok {
			return c, false
		}
	}
	op, _ := g.Get("EditOperationType")
	op = strings.TrimSpace(op)
	c.Old, _ = g.Get("OldValue")
	c.New, _ = g.Get("NewValue")
	c.classify(op)
	return c, true
}

// classify sets the kind from the path, op and the values.
func (c *Change) classify(op string) {
	steps := parsePath(c.Configuration)
	attr := ""
	if n := len(steps); n > 0 && strings.HasPrefix(steps[n-1].name, "@") {
		attr = strings.ToLower(steps[n-1].name)
		steps = steps[:n-1]
	}
	collection, entry := "", confStep{}
	if n := len(steps); n >= 2 && strings.EqualFold(steps[0].name, "system.webServer") {
		collection = strings.ToLower(steps[1].name)
		if n > 2 {
			entry = steps[2]
		}
	}
	switch {
	case collection == "globalmodules" || collection == "modules":
		c.Module = entry.attrs["name"]
		c.Kind = moduleKind(collection, strings.ToLower(entry.name), attr, op)
		c.qualify()
	case collection == "isapifilters":
		c.Kind = ISAPIFilter
		if attr == "@path" {
			c.Image = c.New
		}
		c.setBad(c.Image, entry.attrs["name"])
	default:
		c.Kind = c.loggingKind(steps, attr)
	}
	certain := op == opAdd || op == opDelete || op == opModify
	if !certain && c.Kind&^OtherChange != 0 && c.Kind&(HTTPLoggingOff|ETWTargetRemoved) == 0 {
		c.Kind |= Unsure
	}
}

// moduleKind is the kind of a change to an entry of globalModules or modules,
// or to an attribute of one.
func moduleKind(collection, element, attr, op string) Kind {
	switch {
	case attr == "@image" || attr == "@type":
		return ModuleImage
	case attr != "" || op == opModify || element != "add" && element != "remove":
		return ModuleChanged
	case collection == "globalmodules" && (element == "remove" || op == opDelete):
		return ModuleRemoved
	case collection == "globalmodules":
		return ModuleAdded
	case (element == "remove") != (op == opDelete):
		return ModuleDisabledForSite
	}
	return ModuleEnabledForSite
}

// qualify looks at the module's name and image.
func (c *Change) qualify() {
	if c.Kind == ModuleImage {
		c.Image = c.New
	}
	own := IsOwnModule(c.Module)
	if own {
		c.Kind |= OwnModule
	}
	looksLikeImage := strings.ContainsAny(c.Image, `\/.`)
	if own && looksLikeImage && !isOwnImage(c.Image) {
		c.Kind |= ForeignImage
	}
	c.setBad(c.Image, c.Module)
}

func (c *Change) setBad(names ...string) {
	for _, n := range names {
		if n == "" {
			continue
		}
		if c.Bad = LookupBad(n); c.Bad != nil {
			c.Kind |= KnownBadName
			return
		}
	}
}

// loggingKind is the kind of a change outside the modules. HTTP logging is off
// only when the new value says so.
func (c *Change) loggingKind(steps []confStep, attr string) Kind {
	last := ""
	if n := len(steps); n > 0 {
		last = strings.ToLower(steps[n-1].name)
	}
	isNew := func(v string) bool { return strings.EqualFold(strings.TrimSpace(c.New), v) }
	switch {
	case attr == "@dontlog" && last == "httplogging" && (isNew("true") || isNew("1")),
		attr == "@enabled" && last == "logfile" && (isNew("false") || isNew("0")):
		return HTTPLoggingOff
	case attr == "@logtargetw3c" && hasETW(c.Old) && !hasETW(c.New):
		return ETWTargetRemoved
	}
	for _, s := range steps {
		switch strings.ToLower(s.name) {
		case "httplogging", "logfile", "log", "odbclogging", "tracing", "tracefailedrequests", "tracefailedrequestslogging":
			return LoggingChanged
		}
	}
	return OtherChange
}

// hasETW says whether a list of log targets, such as "File,ETW", has ETW.
func hasETW(targets string) bool { return strings.Contains(strings.ToUpper(targets), "ETW") }

// ChangeOf is what a finding of the rule with that row says was changed: the
// module by the row, what was done by kind, which is of all of its events.
func (r *Rule) ChangeOf(row []string, kind Kind) (Change, bool) {
	if kind == 0 {
		return Change{}, false
	}
	c, ok := ChangeOf(r.NewRow(row))
	c.Kind = kind
	return c, ok
}
