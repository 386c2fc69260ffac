package detection

import (
	"embed"
	"fmt"

	"go.yaml.in/yaml/v3"

	"escutcheon/detection/spl"
)

//go:embed rules/*.yml
var ruleFiles embed.FS

// BuiltIn loads the rules that come with the program, the seed among them,
// with the built-in macros.
func BuiltIn() ([]*Rule, error) { return BuiltInWith(spl.BuiltIn()) }

// BuiltInWith loads them with another table of macros.
func BuiltInWith(macros spl.Macros) ([]*Rule, error) {
	files, err := ruleFiles.ReadDir("rules")
	if err != nil {
		return nil, err
	}
	var rules []*Rule
	for _, f := range files {
		data, err := ruleFiles.ReadFile("rules/" + f.Name())
		if err != nil {
			return nil, err
		}
		r, err := Load(data, macros)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// ParseMacros reads macros in the contentctl schema: one document, or a list,
// of name, definition and arguments.
func ParseMacros(data []byte) (spl.Macros, error) {
	type entry struct {
		Name       string   `yaml:"name"`
		Definition string   `yaml:"definition"`
		Arguments  []string `yaml:"arguments"`
	}
	var list []entry
	if err := yaml.Unmarshal(data, &list); err != nil {
		var one entry
		if err := yaml.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("the macros are not as the contentctl schema has them: %w", err)
		}
		list = []entry{one}
	}
	out := spl.Macros{}
	for _, e := range list {
		if e.Name == "" {
			return nil, fmt.Errorf("a macro has no name (definition %q)", e.Definition)
		}
		out[spl.MacroKey(e.Name, len(e.Arguments))] = spl.Macro{Definition: e.Definition, Args: e.Arguments}
	}
	return out, nil
}
