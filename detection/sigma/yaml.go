package sigma

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// check walks a document as it stands with its aliases put in, which may be far
// more than its text, and refuses what is too deep, too much, or says a key twice.
func check(n *yaml.Node, depth int, seen *int) error {
	if *seen++; *seen > maxNodes {
		return fault(n, "the document has more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return fault(n, "the document is nested more than %d deep", maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return check(n.Alias, depth+1, seen)
	}
	if n.Kind == yaml.MappingNode {
		if err := checkKeys(n); err != nil {
			return err
		}
	}
	for _, c := range n.Content {
		if err := check(c, depth+1, seen); err != nil {
			return err
		}
	}
	return nil
}

func checkKeys(n *yaml.Node) error {
	keys := make(map[string]bool, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		k := aliased(n.Content[i])
		if k.Kind != yaml.ScalarNode {
			return fault(n.Content[i], "a key is a text")
		}
		if keys[k.Value] {
			return fault(n.Content[i], "the key %q is there twice", k.Value)
		}
		keys[k.Value] = true
	}
	return nil
}

// aliased is the node that an alias stands for, or the node itself.
func aliased(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// get is the value of a key of a mapping; nil where there is none.
func get(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if aliased(n.Content[i]).Value == key {
			return aliased(n.Content[i+1])
		}
	}
	return nil
}

// isNull says whether a value is null.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// scalarOf is the text of a scalar; "" of anything else.
func scalarOf(n *yaml.Node) string {
	if n = aliased(n); n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		return ""
	}
	return n.Value
}

// maxName bounds the name of a field, in bytes.
const maxName = 200

// nameFault is what is wrong with the name of a field: a search has no way to write
// some. nil where nothing is.
func nameFault(n *yaml.Node, name string) error {
	switch {
	case len(name) > maxName:
		return fault(n, "the name of a field is longer than %d bytes", maxName)
	case strings.ContainsAny(name, "\"'`*\\") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return fault(n, "the name of a field has no quotes, backticks, backslashes, stars or ends of lines")
	}
	return nil
}

// textsOf are the texts of a list, or one that stands for itself.
func textsOf(n *yaml.Node) (out []string) {
	if n = aliased(n); n == nil {
		return nil
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if s := strings.TrimSpace(scalarOf(item)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// itemsOf are the values of a list, or the one value.
func itemsOf(n *yaml.Node) []*yaml.Node {
	if n = aliased(n); n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		out[i] = aliased(c)
	}
	return out
}
