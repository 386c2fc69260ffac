package sigma

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of what a file may make us hold.
const (
	maxFile      = 1 << 20 // bytes
	maxDocuments = 1000
	maxDepth     = 40
	maxNodes     = 50_000 // of one document, aliases put in
)

// Document is one document of a Sigma file: a rule, or a correlation.
type Document struct {
	Title       string
	ID          string
	Name        string // by which correlations may refer to it
	Taxonomy    string
	Status      string // stable, test, experimental, deprecated, unsupported
	Description string
	License     string // SPDX
	Author      string
	Date        string
	Modified    string
	Level       string // informational, low, medium, high, critical

	References     []string
	Tags           []string
	Fields         []string
	FalsePositives []string
	Scope          []string
	Related        []Related

	LogSource   LogSource
	Correlation *Correlation // nil for a rule

	// Line is where the document begins in its file, Index how many stand before it.
	Line, Index int

	detection *yaml.Node
}

// Related is another rule, and what it is to this one: derived, obsolete, merged,
// renamed, similar.
type Related struct{ ID, Type string }

// LogSource says which log a rule is about.
type LogSource struct{ Product, Category, Service, Definition string }

// String is the log source as people write it: windows/process_creation.
func (s LogSource) String() string {
	var parts []string
	for _, p := range []string{s.Product, s.Category, s.Service} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// IsRule says that it is a rule, and no correlation.
func (d *Document) IsRule() bool { return d.Correlation == nil }

// Off says that a rule is loaded switched off: its status says that it is replaced,
// or not to be used as it is.
func (d *Document) Off() bool { return d.Status == "deprecated" || d.Status == "unsupported" }

// Parse reads all documents of a file. An error is an *Error.
func Parse(data []byte) ([]Document, error) {
	if len(data) > maxFile {
		return nil, &Error{0, 0, "the file is longer than 1 MiB"}
	}
	var out []Document
	for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var n yaml.Node
		switch err := d.Decode(&n); {
		case errors.Is(err, io.EOF) && len(out) == 0:
			return nil, &Error{1, 1, "there is no rule in it"}
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, syntaxError(err)
		case len(n.Content) == 0 || isNull(n.Content[0]):
			continue
		case len(out) == maxDocuments:
			return nil, fault(&n, "the file has more than %d documents", maxDocuments)
		}
		doc, err := readDocument(n.Content[0])
		if err != nil {
			return nil, err
		}
		doc.Index = len(out)
		out = append(out, *doc)
	}
}

var atLine = regexp.MustCompile(`line (\d+): `)

// syntaxError is one of the YAML library, which says the line in its text.
func syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	m := atLine.FindStringSubmatchIndex(text)
	if m == nil {
		return &Error{1, 1, "this is no YAML: " + text}
	}
	line, _ := strconv.Atoi(text[m[2]:m[3]])
	return &Error{line, 1, "this is no YAML: " + text[:m[0]] + text[m[1]:]}
}

func readDocument(n *yaml.Node) (*Document, error) {
	seen := 0
	if err := check(n, 0, &seen); err != nil {
		return nil, err
	}
	d := &Document{Line: n.Line}
	if n.Kind != yaml.MappingNode {
		return nil, fault(n, "a rule is a mapping, with a title, a logsource and a detection")
	}
	if a := get(n, "action"); a != nil {
		return nil, fault(a, "collections by action are deprecated: each document is to be a rule of its own")
	}
	if f := get(n, "filter"); f != nil {
		return nil, fault(f, "filters over other rules are not supported; a rule's own filter is edited in the console")
	}
	d.meta(n)
	if d.Title == "" {
		return nil, fault(n, "the rule has no title")
	}
	if c := get(n, "correlation"); c != nil {
		var err error
		d.Correlation, err = readCorrelation(n, c)
		return d, err
	}
	return d, d.rule(n)
}

// rule reads what a rule has and a correlation has not.
func (d *Document) rule(n *yaml.Node) error {
	source := get(n, "logsource")
	if source == nil || source.Kind != yaml.MappingNode {
		return fault(n, "the rule has no logsource")
	}
	d.LogSource = LogSource{
		Product: lower(source, "product"), Category: lower(source, "category"), Service: lower(source, "service"),
		Definition: scalarOf(get(source, "definition")),
	}
	if d.detection = get(n, "detection"); d.detection == nil || d.detection.Kind != yaml.MappingNode {
		return fault(n, "the rule has no detection")
	}
	if get(d.detection, "condition") == nil {
		return fault(d.detection, "the detection has no condition")
	}
	return nil
}

func lower(n *yaml.Node, key string) string { return strings.ToLower(scalarOf(get(n, key))) }

func (d *Document) meta(n *yaml.Node) {
	for key, to := range map[string]*string{"title": &d.Title, "id": &d.ID, "name": &d.Name, "taxonomy": &d.Taxonomy,
		"status": &d.Status, "description": &d.Description, "license": &d.License, "author": &d.Author, "date": &d.Date,
		"modified": &d.Modified, "level": &d.Level} {
		*to = strings.TrimSpace(scalarOf(get(n, key)))
	}
	d.Status, d.Level = strings.ToLower(d.Status), strings.ToLower(d.Level)
	for key, to := range map[string]*[]string{"references": &d.References, "tags": &d.Tags, "fields": &d.Fields,
		"falsepositives": &d.FalsePositives, "scope": &d.Scope} {
		*to = textsOf(get(n, key))
	}
	if r := get(n, "related"); r != nil && r.Kind == yaml.SequenceNode {
		for _, item := range r.Content {
			if item = aliased(item); item.Kind == yaml.MappingNode {
				d.Related = append(d.Related, Related{scalarOf(get(item, "id")), scalarOf(get(item, "type"))})
			}
		}
	}
}
