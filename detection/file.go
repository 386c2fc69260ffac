package detection

import (
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"escutcheon/detection/sigma"
	"escutcheon/detection/spl"
)

// FileKind says what a file of detection content holds. The numbers may be
// stored.
type FileKind int

// The kinds of files.
const (
	OtherFile  FileKind = iota // a story, a playbook, a deployment …: passed over
	RuleFile                   // YAML with a search
	MacroFile                  // YAML of macros, or macros.conf
	LookupFile                 // YAML of a lookup's definition, or transforms.conf
	TableFile                  // CSV that lookups look up in
	ValuesFile                 // YAML of the values that stand for placeholders of Sigma rules
)

// SourceFile is one file of detection content.
type SourceFile struct {
	Kind    FileKind
	Path    string // with slashes or backslashes; names the file in messages
	Content []byte
	Author  string // who sent it to the console; "" where it was read from a file
	Line    int    // how many lines of the file stand before Content, see Documents
}

// KindOf says what a file holds, by its name and the keys of its YAML. YAML
// that cannot be read and seems to have a search counts as a rule, so that
// loading it says why.
func KindOf(name string, content []byte) FileKind {
	switch base := strings.ToLower(baseName(name)); {
	case base == "macros.conf":
		return MacroFile
	case base == "transforms.conf":
		return LookupFile
	case strings.HasSuffix(base, ".csv"):
		return TableFile
	case !strings.HasSuffix(base, ".yml") && !strings.HasSuffix(base, ".yaml"):
		return OtherFile
	}
	if len(content) > maxRuleSize {
		return RuleFile // which says that it is too long
	}
	if sigma.Is(content) {
		return RuleFile
	}
	var keys struct {
		Search     text      `yaml:"search"`
		Definition *text     `yaml:"definition"`
		Filename   text      `yaml:"filename"`
		Collection text      `yaml:"collection"`
		LookupType text      `yaml:"lookup_type"`
		Fields     yaml.Node `yaml:"fields_list"`
	}
	err := readYAML(content, &keys)
	switch {
	case err != nil && isMacroList(content):
		return MacroFile
	case err != nil && searchKey.Match(content):
		return RuleFile
	case err != nil:
		return OtherFile
	case strings.TrimSpace(string(keys.Search)) != "":
		return RuleFile
	case keys.Definition != nil:
		return MacroFile
	case keys.Filename != "" || keys.Collection != "" || keys.LookupType != "" || !keys.Fields.IsZero():
		return LookupFile
	}
	return OtherFile
}

// RuleID is the id of the rule in a file, as it is written; "" where there is none. It
// does not say that the rule can be read.
func (f *SourceFile) RuleID() string {
	if f.Kind != RuleFile {
		return ""
	}
	if m := idKey.FindSubmatch(f.Content); m != nil {
		return string(m[1])
	}
	return ""
}

// idKey finds the id in a rule's YAML.
var idKey = regexp.MustCompile(`(?m)^["']?id["']?[ \t]*:[ \t]*["']?([^\s"'#]+)`)

// searchKey finds a search in YAML that cannot be read.
var searchKey = regexp.MustCompile(`(?m)^["']?search["']?[ \t]*:`)

func isMacroList(content []byte) bool {
	var l list[macroDoc]
	return readYAML(content, &l) == nil && len(l) > 0 && l[0].Definition != nil
}

// baseName is what stands behind the last slash or backslash of a path.
func baseName(p string) string { return path.Base(strings.ReplaceAll(p, `\`, "/")) }

// stem is the base name without what stands behind its last dot.
func stem(p string) string {
	b := baseName(p)
	return strings.TrimSuffix(b, path.Ext(b))
}

// macroDoc is a macro in the contentctl schema.
type macroDoc struct {
	Name       text  `yaml:"name"`
	Definition *text `yaml:"definition"`
	Arguments  texts `yaml:"arguments"`
}

// ParseMacros reads macros in the contentctl schema: documents, or a list, of
// name, definition and arguments.
func ParseMacros(data []byte) (spl.Macros, error) {
	out := spl.Macros{}
	err := documents(data, func(n *yaml.Node) error {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			var m macroDoc
			if err := item.Decode(&m); err != nil {
				return err
			}
			if m.Name == "" {
				return fmt.Errorf("a macro has no name")
			}
			if m.Definition == nil {
				continue // a description only, as files of the public content have been
			}
			name, _, _ := strings.Cut(string(m.Name), "(")
			out[spl.MacroKey(name, len(m.Arguments))] = spl.Macro{Definition: string(*m.Definition), Args: m.Arguments}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the macros are not as the contentctl schema has them: %w", err)
	}
	return out, nil
}

// documents calls f with the root of each document of a YAML file.
func documents(data []byte, f func(*yaml.Node) error) error {
	if len(data) > maxRuleSize {
		return fmt.Errorf("the file is longer than %d bytes", maxRuleSize)
	}
	d := yaml.NewDecoder(strings.NewReader(string(data)))
	for {
		var n yaml.Node
		switch err := d.Decode(&n); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(n.Content) == 0 || n.Content[0].Tag == "!!null":
			continue
		}
		if err := checkKeys(&n); err != nil {
			return err
		}
		if err := f(n.Content[0]); err != nil {
			return err
		}
	}
}
