package rulebook_test

import (
	"path/filepath"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/rulebook"
)

// What was read of a rule's file is kept, and the next who opens the database takes
// it: also one that only mends a rule. What is kept of a file that goes, goes.
func TestKeptCards(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	d := open(t, path)
	rule := detection.SourceFile{Kind: detection.RuleFile, Path: "posted/own.yml", Content: []byte(
		"name: Own rule\nid: own\nsearch: a=1 | stats count by dest\n")}
	if err := d.book.Load(ctx, []detection.SourceFile{rule}); err != nil {
		t.Fatal(err)
	}
	cards, err := d.store.RuleCards(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.book.Content().Rules); len(cards) != n+1 {
		t.Fatalf("%d cards of %d rules, and of what lies beside", len(cards), n)
	}
	change := detection.CardChanges{Put: map[detection.CardKey]string{}}
	for key, card := range cards { // so that is seen where it comes from
		change.Put[key] = strings.Replace(card, "Own rule", "Its card", 1)
	}
	if err := d.store.ChangeRuleCards(ctx, change); err != nil {
		t.Fatal(err)
	}
	name, err := rulebook.Mend(ctx, d.store, rulebook.Disable, "own", "ann", d.now)
	if err != nil || name != "Its card" {
		t.Errorf("%q %v", name, err)
	}
	next := open(t, path)
	if r := next.book.Find("own"); r.Name != "Its card" || r.File != rule.Path || string(r.Raw) != string(rule.Content) {
		t.Errorf("%q in %q", r.Name, r.File)
	}
	if err := next.book.Remove(ctx, "own"); err != nil {
		t.Fatal(err)
	}
	left, err := d.store.RuleCards(ctx)
	if err != nil || len(left) != len(cards)-1 {
		t.Errorf("%d cards are left of %d, %v", len(left), len(cards), err)
	}
}
