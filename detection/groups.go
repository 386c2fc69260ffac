package detection

import (
	"slices"
	"strings"
)

// Class says what a change is about.
type Class string

// The classes of changes.
const (
	ClassModule  Class = "module"
	ClassLogging Class = "logging"
	ClassFilter  Class = "filter" // an ISAPI filter
	ClassOther   Class = "other"
)

// Class is the gravest class among the kinds.
func (k Kind) Class() Class {
	switch {
	case k&ModuleKinds != 0:
		return ClassModule
	case k&(HTTPLoggingOff|ETWTargetRemoved|LoggingChanged) != 0:
		return ClassLogging
	case k&ISAPIFilter != 0:
		return ClassFilter
	}
	return ClassOther
}

// Words say what a change is: "module added: X". Of a change to neither modules
// nor logging there is nothing to say. All that names a change or a finding takes
// its words from here, so what one page is not sure of no other one is.
func (c Change) Words() string {
	words := strings.Join((c.Kind &^ OtherChange).words(), ", ")
	if words != "" && c.Module != "" {
		words += ": " + c.Module
	}
	return words
}

// What is unsure where the log does not say what was done: which of two, or how.
const (
	unsureWhich = " (the log does not say which)"
	unsureHow   = " (the log does not say how)"
)

// words are the labels of kinds, with what the log leaves open of them.
func (k Kind) words() []string {
	if k&Unsure == 0 || k&^Unsure == 0 {
		return (k &^ Unsure).Labels()
	}
	k &^= Unsure
	for _, pair := range []struct {
		one, other Kind
		words      string
	}{{ModuleAdded, ModuleRemoved, "module added or removed" + unsureWhich},
		{ModuleEnabledForSite, ModuleDisabledForSite, "module enabled or removed for sites" + unsureWhich}} {
		if (k&pair.one != 0) == (k&pair.other != 0) {
			continue // it says both
		}
		out := k.Labels()
		known := (k & (pair.one | pair.other)).String()
		out[slices.Index(out, known)] = pair.words
		return out
	}
	if k&(ModuleAdded|ModuleEnabledForSite) != 0 {
		return k.Labels()
	}
	out := (k &^ OwnModule).Labels()
	out[len(out)-1] += unsureHow
	return append(out, (k & OwnModule).Labels()...)
}

// sure is the kind as if the log said it all.
func (c Change) sure() Change {
	c.Kind &^= Unsure
	return c
}

// Label says in one short line what a finding of the rule is: what was changed,
// else what tells its row from the others. kind is of all of its events.
func (r *Rule) Label(cells []string, kind Kind) string {
	row := r.NewRow(cells)
	c, ok := r.ChangeOf(cells, kind)
	if !ok { // the row has no path of what was changed
		c = Change{Kind: kind}
		c.Module, _ = row.Get("module")
	}
	label := c.Words()
	if label == "" && c.Configuration != "" {
		label = "setting changed: " + c.Configuration
	}
	if label == "" {
		if label = Telling(row); strings.Trim(label, "0123456789") == "" { // a code says nothing
			label = r.Name
		}
	}
	return clip(strings.Join(strings.Fields(label), " "), mostLabel)
}

// mostLabel is how long a label is at most, in bytes.
const mostLabel = 300

// rank orders changes for somebody who looks for a planted module: what looks
// planted, other modules, logging, IIS's own modules, ISAPI filters, the rest.
func (k Kind) rank() int {
	own, class := k&OwnModule != 0, k.Class()
	switch {
	case k&(KnownBadName|ForeignImage) != 0:
		return 0
	case class == ClassModule && !own:
		return 1
	case class == ClassLogging:
		return 2
	case own:
		return 3
	case class == ClassFilter:
		return 4
	}
	return 5
}

// ChangeGroup is the changes of one module, or those of one other kind.
type ChangeGroup struct {
	Change       // what all of them come to
	Of     []int // which they are, in their order
}

// GroupChanges puts the changes of one module together, and those of one other
// kind, the gravest first and equals in the order in which they come up.
func GroupChanges(changes []Change) []ChangeGroup {
	var out []ChangeGroup
	for i, c := range changes {
		at := slices.IndexFunc(out, func(g ChangeGroup) bool {
			return g.Module == c.Module && (c.Module != "" || g.sure().Words() == Change{Kind: c.Kind}.sure().Words())
		})
		if at < 0 {
			at = len(out)
			out = append(out, ChangeGroup{Change: Change{Module: c.Module}})
		}
		out[at].Kind = out[at].Kind.with(c.Kind)
		out[at].Of = append(out[at].Of, i)
	}
	slices.SortStableFunc(out, func(a, b ChangeGroup) int { return a.Kind.rank() - b.Kind.rank() })
	return out
}

// with adds another's kinds; an operation that one is sure of is sure.
func (k Kind) with(other Kind) Kind {
	sure := k&^OtherChange != 0 && k&Unsure == 0 || other&Unsure == 0
	if k |= other; sure {
		k &^= Unsure
	}
	return k
}
