package detection

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"escutcheon/detection/spl"
)

// lookupDef is the definition of a lookup, from YAML or transforms.conf.
type lookupDef struct {
	name    string
	path    string // of the file that defines it
	file    string // the CSV's name; "" for one named as the definition's file
	store   bool   // a KV store's collection, which no file holds
	fields  []string
	matches []string // match_type
	min     int
	max     int
	missing string // default_match
	exact   bool   // case_sensitive_match
}

// lookupDoc is a lookup in the contentctl schema.
type lookupDoc struct {
	Name       text   `yaml:"name"`
	Filename   text   `yaml:"filename"`
	Collection text   `yaml:"collection"`
	LookupType text   `yaml:"lookup_type"`
	Fields     texts  `yaml:"fields"`
	FieldsList texts  `yaml:"fields_list"`
	MatchType  texts  `yaml:"match_type"`
	Min        number `yaml:"min_matches"`
	Max        number `yaml:"max_matches"`
	Default    text   `yaml:"default_match"`
	Case       text   `yaml:"case_sensitive_match"`
}

func parseLookups(f SourceFile) ([]lookupDef, error) {
	if strings.HasSuffix(strings.ToLower(f.Path), ".conf") {
		return lookupsConf(f), nil
	}
	var out []lookupDef
	err := documents(f.Content, func(n *yaml.Node) error {
		var d lookupDoc
		if err := n.Decode(&d); err != nil {
			return err
		}
		if d.Name == "" {
			return fmt.Errorf("a lookup has no name")
		}
		kind := strings.ToLower(string(d.LookupType))
		def := lookupDef{name: string(d.Name), path: f.Path, file: string(d.Filename), store: d.Collection != "" ||
			kind == "kvstore",
			fields: splitNames(append(d.Fields, d.FieldsList...)), matches: d.MatchType, min: d.Min.value, max: d.Max.value,
			missing: string(d.Default), exact: isTrue(string(d.Case), true)}
		if kind == "mlmodel" || strings.HasSuffix(def.file, ".mlmodel") {
			return nil
		}
		if def.file == "" && !def.store {
			def.file = stem(f.Path) + ".csv"
		}
		out = append(out, def)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the lookup is not as the contentctl schema has it: %w", err)
	}
	return out, nil
}

func lookupsConf(f SourceFile) (out []lookupDef) {
	for _, s := range stanzas(string(f.Content)) {
		k := s.keys
		if k["filename"] == "" && k["collection"] == "" {
			continue // a field extraction
		}
		low, _ := strconv.Atoi(k["min_matches"])
		high, _ := strconv.Atoi(k["max_matches"])
		out = append(out, lookupDef{name: s.name, path: f.Path, file: k["filename"], store: k["collection"] != "",
			fields: splitNames([]string{k["fields_list"]}), matches: []string{k["match_type"]}, min: low, max: high,
			missing: k["default_match"], exact: isTrue(k["case_sensitive_match"], true)})
	}
	return out
}

func splitNames(list []string) (out []string) {
	for _, l := range list {
		for n := range strings.SplitSeq(l, ",") {
			if n = strings.TrimSpace(n); n != "" {
				out = append(out, n)
			}
		}
	}
	return out
}

func isTrue(s string, otherwise bool) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1", "t", "yes":
		return true
	case "false", "0", "f", "no":
		return false
	}
	return otherwise
}

// matchType is one field of match_type, such as WILDCARD(process).
var matchType = regexp.MustCompile(`(?i)(WILDCARD|CIDR)\s*\(\s*"?([^)"]+?)"?\s*\)`)

// table makes the lookup's table of the rows of its CSV; of a collection, which
// no file holds, an empty one.
func (d *lookupDef) table(rows *spl.Table) *spl.Table {
	t := &spl.Table{Fields: d.fields}
	if rows != nil {
		t.Fields, t.Rows = rows.Fields, rows.Rows
	}
	for _, m := range matchType.FindAllStringSubmatch(strings.Join(d.matches, " "), -1) {
		if strings.EqualFold(m[1], "CIDR") {
			t.CIDR = append(t.CIDR, m[2])
		} else {
			t.Wildcard = append(t.Wildcard, m[2])
		}
	}
	t.IgnoreCase, t.Min, t.Max, t.Default = !d.exact, max(d.min, 0), max(d.max, 0), d.missing
	return t
}

// emptyLookups are the lookups of assets and identities that Enterprise
// Security keeps, and content takes for granted. There is no such inventory
// here: they are as on a Splunk where nobody has filled them in. Files may
// define them.
var emptyLookups = []string{"asset_lookup_by_str", "asset_lookup_by_cidr", "identity_lookup_expanded"}

// makeTables makes the table of each definition, and of each CSV one under its
// own name. files are the CSVs by their base names in lower case.
func makeTables(defs []lookupDef, files map[string]SourceFile) (spl.Tables, []Problem) {
	out, read := spl.Tables{}, map[string]*spl.Table{}
	for _, name := range emptyLookups {
		out[name] = &spl.Table{}
	}
	var problems []Problem
	for _, base := range slices.Sorted(maps.Keys(files)) {
		f := files[base]
		t, err := spl.ReadTable(bytes.NewReader(f.Content))
		if err != nil {
			problems = append(problems, Problem{f.Path, err.Error()})
			t = nil
		}
		read[base] = t
		if t != nil {
			out[stem(f.Path)] = t
		}
	}
	for i := range defs {
		d := &defs[i]
		t, ok := read[strings.ToLower(baseName(d.file))]
		switch {
		case t != nil || d.store:
			out[d.name] = d.table(t)
		case !ok:
			problems = append(problems, Problem{
				d.path, fmt.Sprintf("the table %q of lookup %q is not there; put the CSV beside the definition", d.file, d.name)})
		}
	}
	return out, problems
}
