package detection

import (
	"fmt"
	"slices"
	"strings"
)

// Summary says in a few words what changes come to, the gravest first:
// "2 modules added, 3 of IIS's own changed, HTTP logging switched off". Every
// module counts once, by its name. It is "" when there are no changes.
func Summary(changes []Change) string {
	modules, kinds := gather(changes)
	parts := append(modulePhrases(modules, false), modulePhrases(modules, true)...)
	if len(parts) == 0 && kinds&ModuleKinds != 0 {
		parts = append(parts, "settings of the module lists changed")
	}
	if kinds&ForeignImage != 0 {
		parts = append(parts, "a name of IIS's own with an image that is not")
	}
	if s := badPhrase(changes); s != "" {
		parts = append(parts, s)
	}
	for _, k := range []Kind{HTTPLoggingOff, ETWTargetRemoved, ISAPIFilter, LoggingChanged} {
		if kinds&k != 0 {
			parts = append(parts, k.String())
		}
	}
	if len(parts) == 0 && kinds&OtherChange != 0 {
		return "no module or logging changed"
	}
	return strings.Join(parts, ", ")
}

// gather puts the changes together by module, in the order in which the
// modules come up, and all kinds.
func gather(changes []Change) (modules []Kind, kinds Kind) {
	index := map[string]int{}
	for _, c := range changes {
		kinds |= c.Kind
		if c.Kind&ModuleKinds == 0 || c.Module == "" {
			continue
		}
		key := strings.ToLower(c.Module)
		i, ok := index[key]
		if !ok {
			i = len(modules)
			index[key] = i
			modules = append(modules, 0)
		}
		modules[i] = modules[i].with(c.Kind)
	}
	return modules, kinds
}

// with adds another's kinds; an operation that one is sure of is sure.
func (k Kind) with(other Kind) Kind {
	sure := k&^OtherChange != 0 && k&Unsure == 0 || other&Unsure == 0
	if k |= other; sure {
		k &^= Unsure
	}
	return k
}

// summaryGroup holds the modules that have all of has.
type summaryGroup struct {
	has  Kind
	done string
}

// summaryGroups are the classes of modules; a module is in the first that fits.
var summaryGroups = []summaryGroup{
	{ModuleAdded | ModuleRemoved, "added and removed"},
	{ModuleAdded | Unsure, "added or removed" + unsureWhich},
	{ModuleRemoved | Unsure, "added or removed" + unsureWhich},
	{ModuleAdded, "added"},
	{ModuleRemoved, "removed"},
	{ModuleImage, "given an image"},
	{ModuleEnabledForSite | ModuleDisabledForSite, "enabled and removed for sites"},
	{ModuleEnabledForSite | Unsure, "enabled or removed for sites" + unsureWhich},
	{ModuleDisabledForSite | Unsure, "enabled or removed for sites" + unsureWhich},
	{ModuleEnabledForSite, "enabled for sites"},
	{ModuleDisabledForSite, "removed for sites"},
	{ModuleChanged, "changed"},
}

// modulePhrases says for each class how many of the modules are in it; own
// picks IIS's own modules, or the others.
func modulePhrases(modules []Kind, own bool) []string {
	counts := make([]int, len(summaryGroups))
	for _, k := range modules {
		if (k&OwnModule != 0) != own {
			continue
		}
		i := slices.IndexFunc(summaryGroups, func(g summaryGroup) bool { return k&g.has == g.has })
		done := summaryGroups[i].done // counted with the first that says the same
		counts[slices.IndexFunc(summaryGroups, func(g summaryGroup) bool { return g.done == done })]++
	}
	var out []string
	for i, n := range counts {
		switch {
		case n == 0:
		case own:
			out = append(out, fmt.Sprintf("%d of IIS's own %s", n, summaryGroups[i].done))
		case n == 1:
			out = append(out, "1 module "+summaryGroups[i].done)
		default:
			out = append(out, fmt.Sprintf("%d modules %s", n, summaryGroups[i].done))
		}
	}
	return out
}

// badPhrase names the families whose names come up.
func badPhrase(changes []Change) string {
	var families []string
	weak := true
	for _, c := range changes {
		if c.Bad == nil {
			continue
		}
		weak = weak && c.Bad.Weak
		if !slices.Contains(families, c.Bad.Family) {
			families = append(families, c.Bad.Family)
		}
	}
	if families == nil {
		return ""
	}
	s := "a name known from reports on " + strings.Join(families, ", ")
	if weak {
		s += " (a common name, weak alone)"
	}
	return s
}
