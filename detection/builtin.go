package detection

import (
	"embed"
	"fmt"
	"slices"
)

//go:embed rules/*.yml
var ruleFiles embed.FS

// BuiltIn loads the rules that come with the program, the seed first, with the
// built-in macros.
func BuiltIn() ([]*Rule, error) {
	rules, err := parseBuiltIn()
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if err := r.compile(Env(BuiltInMacros(), nil)); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// parseBuiltIn reads the built-in rules without compiling them.
func parseBuiltIn() ([]*Rule, error) {
	files, err := builtInFiles()
	if err != nil {
		return nil, err
	}
	var rules []*Rule
	for _, f := range files {
		r, err := parseRule(f.Content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		rules = append(rules, r)
	}
	slices.SortStableFunc(rules, func(a, b *Rule) int { return seedLast(a) - seedLast(b) })
	return rules, nil
}

// builtInFiles are the files of the built-in rules, by name. Their kind is none that
// is read from a folder.
func builtInFiles() (files []SourceFile, err error) {
	list, err := ruleFiles.ReadDir("rules")
	for _, f := range list {
		var data []byte
		if data, err = ruleFiles.ReadFile("rules/" + f.Name()); err != nil {
			break
		}
		files = append(files, SourceFile{Path: f.Name(), Content: data})
	}
	return files, err
}

// seedLast is 0 for the seed and 1 for all others.
func seedLast(r *Rule) int {
	if r.ID == SeedID {
		return 0
	}
	return 1
}
