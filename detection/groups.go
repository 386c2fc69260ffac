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
// nor logging there is nothing to say.
func (c Change) Words() string {
	words := strings.Join((c.Kind &^ (OtherChange | Unsure)).Labels(), ", ")
	if words != "" && c.Module != "" {
		words += ": " + c.Module
	}
	return words
}

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
			return g.Module == c.Module && (c.Module != "" || g.Words() == Change{Kind: c.Kind}.Words())
		})
		if at < 0 {
			at = len(out)
			out = append(out, ChangeGroup{Change: Change{Module: c.Module}})
		}
		out[at].Kind |= c.Kind
		out[at].Of = append(out[at].Of, i)
	}
	slices.SortStableFunc(out, func(a, b ChangeGroup) int { return a.Kind.rank() - b.Kind.rank() })
	return out
}
