package db

import (
	"path/filepath"
	"testing"
	"time"

	"escutcheon/detection"
)

// TestDamagedCard: what was made of a rule's file is used as it was kept, or not at all.
func TestDamagedCard(t *testing.T) {
	ctx := t.Context()
	d, err := Open(ctx, filepath.Join(t.TempDir(), "x.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	key := detection.CardKey{1, 2, 3}
	put := func() {
		t.Helper()
		change := detection.CardChanges{Put: map[detection.CardKey]string{key: "a card"}}
		if err := d.ChangeRuleCards(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	for how, whole := range map[string]bool{
		`UPDATE rule_card SET data = data`:                                      true,
		`UPDATE rule_card SET data = CAST('a cart' AS BLOB) || substr(data, 7)`: false,
		`UPDATE rule_card SET data = substr(data, 2)`:                           false,
		`UPDATE rule_card SET data = x''`:                                       false,
		`UPDATE rule_card SET file = zeroblob(length(file))`:                    false,
	} {
		put()
		if err := d.write(ctx, func(t *tx) error { return t.do(nil, how) }); err != nil {
			t.Fatal(err)
		}
		cards, err := d.RuleCards(ctx)
		if data, ok := cards[key]; err != nil || ok != whole || ok && data != "a card" || len(cards) > 1 {
			t.Errorf("%s: %q, %v", how, cards, err)
		}
	}
}
