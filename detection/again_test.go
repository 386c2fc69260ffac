package detection_test

import (
	"fmt"
	"testing"

	"escutcheon/detection"
)

// What is assembled again is what is assembled from the beginning, whatever has
// changed since, and rules that did not change are the same ones.
func TestAgain(t *testing.T) {
	rule := func(n int, search string) detection.SourceFile {
		return file(fmt.Sprintf("d/%d.yml", n), ruleYAML(fmt.Sprint("Rule ", n), fmt.Sprint("id-", n), search))
	}
	macro := func(text string) detection.SourceFile {
		return file("macros/mine.yml", "name: mine\ndefinition: "+text)
	}
	table := func(rows string) detection.SourceFile { return file("lookups/known.csv", "dest,owner\n"+rows) }
	one := rule(1, "`mine` | stats count by dest | `one_filter`")
	two := rule(2, "a=1 | stats count by dest | lookup known dest OUTPUT owner | `two_filter`")
	bad := rule(3, "a=1 | `gone` | stats count by dest")
	seed := file("d/seed.yml", ruleYAML("Own seed", detection.SeedID, "a=1 | stats count by dest"))
	broken := file("d/broken.yml", "name: [\nsearch: x")
	sent := one
	sent.Author = "ann"
	base := []detection.SourceFile{one, two, bad, broken, macro("a=1"), table("web01,me\n")}
	var content *detection.Content
	for i, step := range []struct {
		files   []detection.SourceFile
		filters map[string]string
		same    string // ids of rules that are taken over
	}{
		{base, nil, ""},
		{base, nil, "id-1 id-2"},
		{base, map[string]string{"id-1": `NOT dest="x"`}, "id-2"},
		{base, map[string]string{"id-1": `NOT dest="y"`, "id-2": "| nonsense"}, ""},
		{base, map[string]string{"id-2": "| nonsense"}, "id-2"},
		{append(base[:4:4], macro("a=2"), table("web01,me\n")), nil, ""},
		{append(base[:4:4], macro("a=2"), table("web02,me\n")), nil, ""},
		{append(base[:4:4], macro("a=2"), table("web02,me\n"), file("macros/gone.yml", "name: gone\ndefinition: b=1")), nil,
			""},
		{base, nil, ""},
		{[]detection.SourceFile{sent, two, seed, macro("a=1"), table("web01,me\n")}, nil, "id-2"},
		{[]detection.SourceFile{rule(1, "b=1 | stats count by dest"), two, macro("a=1"), table("web01,me\n")}, nil, "id-2"},
		{nil, nil, ""},
	} {
		fresh := assemble(t, step.filters, step.files...)
		if content == nil {
			content = fresh
			continue
		}
		again, err := content.Again(step.files, step.filters, detection.Cards{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := contentText(again), contentText(fresh); got != want {
			t.Errorf("step %d: %s\nwant %s", i, got, want)
		}
		same := ""
		for _, r := range again.Rules {
			if r.File != "" && detection.Find(content.Rules, r.ID) == r {
				same += " " + r.ID
			}
		}
		if same != "" {
			same = same[1:]
		}
		if same != step.same {
			t.Errorf("step %d: %q taken over, want %q", i, same, step.same)
		}
		content = again
	}
}

func contentText(c *detection.Content) string {
	s := fmt.Sprintf("%v %v %v", c.Refused, c.Duplicates, c.Problems)
	for _, r := range c.Rules {
		s += fmt.Sprintf("\n%s %s %s %s %s %v %s %s", r.ID, r.Name, r.File, r.SentBy, r.Replaces, r.Warnings,
			r.Fingerprint(), r.Unfiltered())
		if r.Sigma != nil {
			s += fmt.Sprintf("%+v %s %v %s", *r.Sigma, r.Off, r.Tactics(), r.Search)
		}
	}
	return s
}
