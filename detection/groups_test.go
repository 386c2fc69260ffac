package detection_test

import (
	"fmt"
	"slices"
	"testing"

	"escutcheon/detection"
)

func TestClass(t *testing.T) {
	for kind, want := range map[detection.Kind]detection.Class{
		detection.ModuleAdded: detection.ClassModule, detection.ModuleRemoved: detection.ClassModule,
		detection.ModuleImage: detection.ClassModule, detection.ModuleChanged: detection.ClassModule,
		detection.ModuleEnabledForSite: detection.ClassModule, detection.ModuleDisabledForSite: detection.ClassModule,
		detection.HTTPLoggingOff: detection.ClassLogging, detection.ETWTargetRemoved: detection.ClassLogging,
		detection.LoggingChanged: detection.ClassLogging, detection.ISAPIFilter: detection.ClassFilter,
		detection.OtherChange: detection.ClassOther, detection.Unsure: detection.ClassOther, 0: detection.ClassOther,
		detection.ModuleAdded | detection.LoggingChanged: detection.ClassModule,
		detection.ISAPIFilter | detection.HTTPLoggingOff: detection.ClassLogging,
	} {
		if got := kind.Class(); got != want {
			t.Errorf("%v is of class %s, want %s", kind, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, c := range map[string]detection.Change{
		"module added: X": {Kind: detection.ModuleAdded, Module: "X"},
		"name known from reports, module image set: X": {Kind: detection.ModuleImage | detection.KnownBadName, Module: "X"},
		"module added or removed (the log does not say which), IIS's own module: UriCacheModule": {
			Kind: detection.ModuleAdded | detection.OwnModule | detection.Unsure, Module: "UriCacheModule"},
		"name known from reports, module added or removed (the log does not say which): X": {
			Kind: detection.ModuleRemoved | detection.KnownBadName | detection.Unsure, Module: "X"},
		"module added, module removed: X": {Kind: detection.ModuleAdded | detection.ModuleRemoved | detection.Unsure,
			Module: "X"},
		"module enabled or removed for sites (the log does not say which): X": {
			Kind: detection.ModuleDisabledForSite | detection.Unsure, Module: "X"},
		"module image set (the log does not say how), IIS's own module: X": {
			Kind: detection.ModuleImage | detection.OwnModule | detection.Unsure, Module: "X"},
		"logging changed (the log does not say how)":      {Kind: detection.LoggingChanged | detection.Unsure},
		"ISAPI filter changed (the log does not say how)": {Kind: detection.ISAPIFilter | detection.Unsure},
		"logging changed": {Kind: detection.LoggingChanged | detection.OtherChange},
		"own name, foreign image, module changed: s": {Kind: detection.ForeignImage | detection.ModuleChanged, Module: "s"},
		"": {Kind: detection.OtherChange | detection.Unsure, Module: "X"},
		"HTTP logging switched off, ISAPI filter changed: f": {Kind: detection.HTTPLoggingOff | detection.ISAPIFilter,
			Module: "f"},
	} {
		if got := c.Words(); got != want {
			t.Errorf("%v of %q: %q, want %q", c.Kind, c.Module, got, want)
		}
	}
}

// TestGroupChanges says which changes stand together, and that what looks
// planted stands first.
func TestGroupChanges(t *testing.T) {
	change := func(k detection.Kind, module string) detection.Change {
		return detection.Change{Kind: k, Module: module}
	}
	changes := []detection.Change{
		0:  change(detection.OtherChange, ""),
		1:  change(detection.ISAPIFilter, ""),
		2:  change(detection.ModuleAdded|detection.OwnModule, "UriCacheModule"),
		3:  change(detection.LoggingChanged, ""),
		4:  change(detection.ModuleAdded|detection.Unsure, "Planted"),
		5:  change(detection.ModuleImage, "Planted"),
		6:  change(detection.HTTPLoggingOff, ""),
		7:  change(detection.LoggingChanged|detection.Unsure, ""),
		8:  change(detection.ModuleImage|detection.OwnModule|detection.ForeignImage, "StaticFileModule"),
		9:  change(detection.ModuleEnabledForSite, "Other"),
		10: change(detection.ModuleChanged|detection.KnownBadName, "IIS-Raid"),
		11: {},
		12: change(detection.ModuleChanged, "planted"), // another name
		13: change(detection.ModuleChanged|detection.OwnModule, "UriCacheModule"),
	}
	want := []string{"[8] StaticFileModule module", "[10] IIS-Raid module",
		"[4 5] Planted module", "[9] Other module", "[12] planted module",
		"[3 7]  logging", "[6]  logging", "[2 13] UriCacheModule module", "[1]  filter", "[0 11]  other"}
	var got []string
	for _, g := range detection.GroupChanges(changes) {
		got = append(got, fmt.Sprint(g.Of, " ", g.Module, " ", g.Kind.Class()))
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if g := detection.GroupChanges(changes)[2]; g.Words() != "module added, module image set: Planted" {
		t.Errorf("what both changes of a module come to: %q", g.Words())
	}
	if g := detection.GroupChanges(nil); g != nil {
		t.Errorf("of nothing: %v", g)
	}
}

// TestLabel: a finding's label is what was changed, else what its row tells, and
// never a code alone.
func TestLabel(t *testing.T) {
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	removed := detection.Find(rules, "Windows IIS Module Removed")
	seed := detection.Find(rules, detection.SeedID)
	row := func(r *detection.Rule, pairs ...string) []string {
		out := make([]string, len(r.Plan().Columns()))
		for i := 0; i < len(pairs); i += 2 {
			out[slices.Index(r.Plan().Columns(), pairs[i])] = pairs[i+1]
		}
		return out
	}
	path := func(p string) []string {
		return row(seed, "EventCode", "29", "Message", "Changes to '"+p+"' at 'MACHINE' have successfully been committed.")
	}
	for want, got := range map[string]string{
		"module removed: X":   removed.Label(row(removed, "EventCode", "29", "module", "X"), detection.ModuleRemoved),
		removed.Name:          removed.Label(row(removed, "EventCode", "29"), 0),
		"setting changed: /a": seed.Label(path("/a"), detection.OtherChange|detection.Unsure),
		"module added or removed (the log does not say which): X": seed.Label(
			path(`/system.webServer/globalModules/add[@name="X"]`), detection.ModuleAdded|detection.Unsure),
		"so it was": seed.Label(row(seed, "Message", " so\n it  was "), 0),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
