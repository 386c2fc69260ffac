package detection

import (
	"fmt"
	"regexp"
	"strings"

	"escutcheon/detection/spl"
)

// originalSearch stands in a drilldown for the rule's own search.
const originalSearch = "%original_detection_search%"

// Fill puts a row's values in the place of $field$. A field that the row does
// not have is left as it stands. Values are not looked into again. Of a column
// of several values the first ones are listed.
func Fill(template string, row spl.Row) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(template, '$')
		if i < 0 {
			break
		}
		end := strings.IndexByte(template[i+1:], '$')
		if end < 0 {
			break
		}
		name := template[i+1 : i+1+end]
		v, ok := shown(row, name)
		if !ok { // the second $ may open a field
			b.WriteString(template[:i+1+end])
			template = template[i+1+end:]
			continue
		}
		b.WriteString(template[:i])
		b.WriteString(v)
		template = template[i+end+2:]
	}
	b.WriteString(template)
	return b.String()
}

// maxListed is how many values of a column a text lists.
const maxListed = 10

// shown is a column's value as texts show it.
func shown(row spl.Row, name string) (string, bool) {
	v, ok := row.Get(name)
	if !ok {
		return "", false
	}
	values := row.List(name)
	switch n := len(values); {
	case n < 2:
		return v, true
	case n > maxListed:
		return fmt.Sprintf("%s and %d more", strings.Join(values[:maxListed], ", "), n-maxListed), true
	}
	return strings.Join(values, ", "), true
}

// FillDrilldown fills a drilldown's name and search for a row. In the search,
// backslashes and quotes of values are escaped, as the values stand in quotes.
func (r *Rule) FillDrilldown(d Drilldown, row spl.Row) Drilldown {
	quoted := make(spl.Row, len(row))
	for i, f := range row {
		quoted[i] = spl.Field{Name: f.Name, Value: escapeQuoted.Replace(f.Value)}
	}
	d.Name = Fill(d.Name, row)
	parts := strings.Split(d.Search, originalSearch)
	for i := range parts {
		parts[i] = Fill(parts[i], quoted)
	}
	d.Search = strings.Join(parts, r.Search)
	return d
}

// destTerm and destList are how drilldowns ask for the host of a finding.
var (
	destTerm = regexp.MustCompile(`([A-Za-z_][\w.]*)\s*=\s*"\$dest\$"`)
	destList = regexp.MustCompile(`\(\s*"\$dest\$"\s*\)`)
)

// OfHosts is a drilldown that asks for all names of one host where it asks for its
// dest; as it is where there is one.
func (d Drilldown) OfHosts(names []string) Drilldown {
	if len(names) < 2 {
		return d
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = strings.ReplaceAll(quoted(n), "$", "$$")
	}
	in := "(" + strings.Join(list, ", ") + ")"
	d.Search = destTerm.ReplaceAllString(d.Search, "$1 IN "+in)
	d.Search = destList.ReplaceAllString(d.Search, in)
	return d
}

// quoted is a value as it stands in a search.
func quoted(s string) string { return `"` + escapeQuoted.Replace(s) + `"` }

// escapeQuoted escapes what ends a quoted value, or escapes.
var escapeQuoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
