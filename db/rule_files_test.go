package db_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"escutcheon/detection"
)

// TestRuleFiles: in the order they were loaded; one with the same path takes the
// other's place, and one that is the same stays where it is.
func TestRuleFiles(t *testing.T) {
	h := newHouse(t)
	file := func(path, content string) detection.SourceFile {
		return detection.SourceFile{Path: path, Kind: detection.RuleFile, Content: []byte(content)}
	}
	keep := func(files ...detection.SourceFile) {
		t.Helper()
		h.now = h.now.Add(time.Minute)
		h.ok(h.KeepRuleFiles(ctx, files))
	}
	paths := func() (out []string) {
		files, err := h.RuleFiles(ctx)
		h.ok(err)
		for _, f := range files {
			out = append(out, f.Path+"="+string(f.Content))
		}
		return out
	}
	keep(file("z", "1"), file("a", "1"))
	keep(file("m", "1"))
	h.is("as they came", paths(), []string{"z=1", "a=1", "m=1"})
	keep(file("z", "1"), file("a", "2"))
	h.is("one changed", paths(), []string{"z=1", "m=1", "a=2"})
	changed := file("z", "1")
	changed.Kind = detection.MacroFile
	keep(changed)
	files, err := h.RuleFiles(ctx)
	h.ok(err)
	h.is("its kind", files[2], changed)
}

// TestRuleSwitches: switched off once by whoever was first, and on again.
func TestRuleSwitches(t *testing.T) {
	h := newHouse(t)
	h.ok(h.EnableRule(ctx, "a", false, "anna"))
	h.now = base.Add(time.Hour)
	h.ok(h.EnableRule(ctx, "a", false, "bert"))
	h.ok(h.EnableRule(ctx, "b", false, "bert"))
	h.ok(h.EnableRule(ctx, "c", true, "bert"))
	off, err := h.RuleSwitches(ctx)
	h.ok(err)
	h.is("off", off, map[string]bool{"a": false, "b": false, "c": true})
	h.is("by the first", h.one(`SELECT author || at FROM rule_disabled WHERE id = 'a'`),
		"anna"+h.one(`SELECT ?`, base.UnixNano()))
	h.ok(h.EnableRule(ctx, "a", true, "bert"))
	off, err = h.RuleSwitches(ctx)
	h.ok(err)
	h.is("on again", off, map[string]bool{"a": true, "b": false, "c": true})
}

// TestRuleCards: more than are written in one transaction; put, put anew and dropped.
func TestRuleCards(t *testing.T) {
	h := newHouse(t)
	want := map[detection.CardKey]string{}
	for n := range 700 {
		want[detection.CardKey{byte(n), byte(n >> 8)}] = fmt.Sprint("card ", n)
	}
	h.ok(h.ChangeRuleCards(ctx, detection.CardChanges{Put: want}))
	got, err := h.RuleCards(ctx)
	h.ok(err)
	h.is("put", got, want)
	change := detection.CardChanges{Put: map[detection.CardKey]string{{1}: "anew", {9, 9}: "\xff\x00"},
		Drop: []detection.CardKey{{2}, {7, 7, 7}}}
	h.ok(h.ChangeRuleCards(ctx, change))
	maps.Copy(want, change.Put)
	delete(want, detection.CardKey{2})
	got, err = h.RuleCards(ctx)
	h.ok(err)
	h.is("changed", got, want)
}
