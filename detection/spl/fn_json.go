package spl

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Functions that read JSON.
var (
	_ = function("json_extract", exactly(2), jsonExtract)
	_ = function("json_valid", exactly(1), jsonValid)
	_ = function("spath", exactly(2), jsonExtract)
)

func jsonExtract(a []value.Value) value.Value { return jsonPath(a[0].Text(), a[1].Text()) }

// jsonValid says whether a text is JSON.
func jsonValid(a []value.Value) value.Value {
	return value.Truth(!a[0].IsNull() && json.Valid([]byte(a[0].Text())))
}

// jsonPath takes what lies at a path (a.b{0}.c; {} for all) out of a text of
// JSON: null when the text is none or has nothing there.
func jsonPath(text, path string) value.Value {
	var doc any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if len(text) > value.MaxText || d.Decode(&doc) != nil {
		return value.Null
	}
	at := []any{doc}
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' }) {
		name, index, isArray := strings.Cut(step, "{")
		var next []any
		for _, x := range at {
			if name != "" {
				m, ok := x.(map[string]any)
				if !ok {
					continue
				}
				if x, ok = m[name]; !ok {
					continue
				}
			}
			if isArray {
				next = append(next, elements(x, strings.TrimSuffix(index, "}"))...)
			} else {
				next = append(next, x)
			}
		}
		if at = next; len(at) > value.MaxList {
			at = at[:value.MaxList]
		}
	}
	var out []string
	for _, x := range at {
		out = append(out, jsonText(x))
	}
	return value.ListOf(out)
}

func elements(x any, index string) []any {
	l, ok := x.([]any)
	if !ok || index == "" {
		return l
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(l) {
		return nil
	}
	return l[i : i+1]
}

func jsonText(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case nil:
		return "null"
	}
	b, err := json.Marshal(x)
	if err != nil {
		return ""
	}
	return string(b)
}

// xmlElement is an element without elements in it.
var xmlElement = regexp.MustCompile(`<([A-Za-z_][\w.:-]{0,100})(?:\s[^<>]*)?>([^<]*)</`)

// maxKeys bounds how many fields xmlkv makes of one text.
const maxKeys = 200

// allKeys makes fields of what a text of JSON or XML holds.
func allKeys(r *rec, text string) {
	var doc map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if len(text) > value.MaxText || d.Decode(&doc) != nil {
		xmlKeys(r, text)
		return
	}
	left := maxKeys
	jsonKeys(r, "", doc, &left)
}

// jsonKeys names a value by the path to it: a.b, and a{} for those of a list.
func jsonKeys(r *rec, path string, x any, left *int) {
	switch x := x.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			jsonKeys(r, strings.TrimPrefix(path+"."+k, "."), x[k], left)
		}
	case []any:
		for _, y := range x {
			jsonKeys(r, path+"{}", y, left)
		}
	default:
		if *left--; *left < 0 {
			return
		}
		r.set(path, value.ListOf(append(slices.Clone(r.cellOf(path).List()), jsonText(x))))
	}
}

// cellOf is what a command has set for a field; null when none has.
func (r *rec) cellOf(name string) value.Value {
	for _, c := range r.cells {
		if c.name == name {
			return c.v
		}
	}
	return value.Null
}

// xmlKeys makes fields of the elements of a text: <a>1</a>.
func xmlKeys(r *rec, text string) {
	for _, m := range xmlElement.FindAllStringSubmatch(text, maxKeys) {
		r.set(m[1], value.Text(m[2]))
	}
}
