package detection_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"

	"escutcheon/detection"
)

// again assembles files from cards alone, and keeps the cards that come of it.
func again(t *testing.T, cards detection.Cards, filters map[string]string,
	files ...detection.SourceFile) (c *detection.Content, changes detection.CardChanges) {
	t.Helper()
	c, err := (&detection.Content{}).Again(files, filters, cards)
	if err != nil {
		t.Fatal(err)
	}
	changes = c.CardsAfter(&detection.Content{}, cards)
	maps.Copy(cards.Of, changes.Put)
	for _, key := range changes.Drop {
		delete(cards.Of, key)
	}
	return c, changes
}

func noCards(program string) detection.Cards {
	return detection.Cards{Program: program, Of: map[detection.CardKey]string{}}
}

// cardFiles are rules of all sorts with what lies beside them.
func cardFiles() []detection.SourceFile {
	rule := func(n int, search string) detection.SourceFile {
		return file(fmt.Sprintf("d/%d.yml", n), ruleYAML(fmt.Sprint("Rule ", n), fmt.Sprint("id-", n), search))
	}
	sent := rule(1, "`mine` | stats count by dest | `one_filter`")
	sent.Author = "ann"
	return []detection.SourceFile{
		sent, rule(2, "a=1 | stats count by dest | lookup known dest OUTPUT owner | `two_filter`"),
		rule(3, "a=1 | `gone` | stats count by dest"), rule(4, "a=1 | join dest [search b=2] | stats count by dest"),
		file("d/seed.yml", ruleYAML("Own seed", detection.SeedID, "a=1 | stats count by dest")),
		file("d/broken.yml", "name: [\nsearch: x"), file("d/none.yml", "name: x"),
		file("d/again.yml", ruleYAML("Rule 1 again", "ID-1", "b=1 | stats count by dest")),
		file("macros/mine.yml", "name: mine\ndefinition: a=1"), file("macros/broken.yml", "name: [\ndefinition: x"),
		file("macros/iis.yml", "name: iis_operational_logs\ndefinition: '| nonsense'"), // breaks built-in ones
		file("lookups/known.csv", "dest,owner\nweb01,me\n"),
		file("s/pair.yml", sigmaPair), file("s/one.yml", sigmaRule("one", "Image: '%admins%'", "deprecated")),
		file("s/broken.yml", sigmaRule("broken", "Image|nosuch: x", "test")),
		file("s/expand.yml", sigmaRule("expand", "Image|expand: '%tools%'", "test")),
	}
}

// What is assembled from cards is what is assembled from the files, whatever has
// changed since they were written, and nothing of it is read again.
func TestCards(t *testing.T) {
	base := cardFiles()
	other := append(base[:8:8], file("macros/mine.yml", "name: mine\ndefinition: a=2"),
		file("s/expand.yml", sigmaRule("expand", "Image|expand: '%tools%'", "test")), valuesFile("tools: [a, b]"))
	cards := noCards("one")
	for i, step := range []struct {
		files   []detection.SourceFile
		filters map[string]string
		again   bool // there are cards of just these
	}{
		{files: base}, {base, nil, true},
		{base, map[string]string{"id-2": `NOT dest="x"`, detection.SeedID: "dest=y"}, false},
		{base, map[string]string{"id-2": `NOT dest="x"`, detection.SeedID: "dest=y"}, true},
		{base, map[string]string{"id-2": "| nonsense"}, false}, {base, map[string]string{"id-2": "| nonsense"}, true},
		{other, nil, false}, {other, nil, true}, {base, nil, false}, {nil, nil, false}, {nil, nil, true},
	} {
		fresh := assemble(t, step.filters, step.files...)
		got, changes := again(t, cards, step.filters, step.files...)
		if a, b := contentText(got), contentText(fresh); a != b {
			t.Errorf("step %d: %s\nwant %s", i, a, b)
		}
		if step.again && len(changes.Put)+len(changes.Drop) > 0 {
			t.Errorf("step %d: %d cards are made again, %d dropped", i, len(changes.Put), len(changes.Drop))
		}
		for n, r := range got.Rules {
			if step.again && detection.IsCompiled(r) {
				t.Errorf("step %d: %s is compiled", i, r.Name)
			}
			want := fresh.Rules[n]
			if r.Whole() != want.Whole() || r.Plan().Expanded() != want.Plan().Expanded() ||
				r.Plan().Fingerprint() != want.Fingerprint() || detection.Bare(r) != detection.Bare(want) {
				t.Errorf("step %d: %+v\nwant %+v", i, detection.Bare(r), detection.Bare(want))
			}
		}
	}
	if n := len(cards.Of); n != builtInCount+1 {
		t.Errorf("%d cards are left of %d built-in rules, and what lies beside", n, builtInCount)
	}
}

// Nothing is taken of another program's cards, nor of what is no whole card.
func TestOddCards(t *testing.T) {
	files := cardFiles()
	cards := noCards("one")
	want, _ := again(t, cards, nil, files...)
	whole := maps.Clone(cards.Of)
	cards.Program = "two"
	got, changes := again(t, cards, nil, files...)
	if len(changes.Put) != len(whole) || contentText(got) != contentText(want) || !detection.IsCompiled(got.Rules[0]) {
		t.Errorf("%d cards of %d are made again", len(changes.Put), len(whole))
	}
	if _, changes := again(t, detection.Cards{Of: whole}, nil, files...); len(changes.Put) > 0 {
		t.Error("cards are made for no program")
	}
	for key, card := range whole {
		for n := range len(card) {
			if detection.ReadsCard("one", key, card[:n]) {
				t.Fatalf("%d bytes of %d are a card", n, len(card))
			}
		}
		if !detection.ReadsCard("one", key, card) || detection.ReadsCard("one", key, card+"\x00") {
			t.Error("a card is not read, or more than one")
		}
	}
}

// A card has every field of a rule that its file does not say.
func TestWholeCard(t *testing.T) {
	var r detection.Rule
	n := 0
	fill(reflect.ValueOf(&r).Elem(), &n)
	r.File, r.SentBy, r.Replaces = "", "", "" // of where it was read
	if got := detection.ThroughCard(&r); detection.Bare(got) != detection.Bare(&r) {
		t.Errorf("%+v\nwant %+v", detection.Bare(got), detection.Bare(&r))
	}
}

// fill gives every exported field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("value ", *n))
	case reflect.Int:
		v.SetInt(int64(*n) - 5)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), n)
			}
		}
	}
}

// Rules from cards are compiled when the first event is matched, and by many at once
// only once.
func TestCompiledLater(t *testing.T) {
	files := cardFiles()
	cards := noCards("one")
	again(t, cards, nil, files...)
	content, _ := again(t, cards, nil, files...)
	e := decode(t, "nxlog-json", changed("/system.webServer/globalModules/add[@name=\"M\"]", 1, "", ""))
	want := assemble(t, nil, files...).InForce(nil).Match(nil, 0, e)
	rules := content.InForce(nil)
	if !rules.AnyWhole() || rules.Find("id-2") == nil || detection.IsCompiled(rules.Find("id-2")) {
		t.Error("a rule is compiled though nothing was asked of it")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := rules.Match(nil, 0, e); len(got) != len(want) {
				t.Errorf("%d matches, want %d", len(got), len(want))
			}
		})
	}
	all.Wait()
	for _, r := range rules.All() {
		if !detection.IsCompiled(r) {
			t.Errorf("%s is not compiled", r.Name)
		}
	}
}

// Somebody has changed a card: its rule finds nothing, and nothing breaks.
func TestWrongCard(t *testing.T) {
	files := []detection.SourceFile{file("d/1.yml", ruleYAML("One", "id-1", "a=1 | stats count by dest"))}
	cards := noCards("one")
	again(t, cards, nil, files...)
	for key, card := range cards.Of {
		cards.Of[key] = strings.Replace(card, "a=1 | stats", "a=1 | stuts", 1)
	}
	content, _ := again(t, cards, nil, files...)
	r := detection.Find(content.Rules, "id-1")
	e := decode(t, "nxlog-json", changed("/system.webServer/globalModules/add[@name=\"M\"]", 1, "", ""))
	if r.Plan().Matches(e) || len(r.Plan().Columns()) == 0 {
		t.Error("a rule that cannot be compiled matches")
	}
}
