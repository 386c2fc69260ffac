package export

import (
	"slices"
	"strconv"
	"strings"
)

// cellOf is the cell of a finding's row under a column; "" where it has none, or
// several values.
func cellOf(f Found, column string) string {
	for i, c := range f.Rule.Plan().Columns() {
		if i < len(f.Row) && strings.EqualFold(c, column) && !strings.Contains(f.Row[i], "\n") {
			return strings.ToValidUTF8(f.Row[i], "\uFFFD")
		}
	}
	return ""
}

// processes adds the process that a finding's row names and its parent, by the columns
// of the data model of endpoints, with their images, and returns what these are.
func (s *stix) processes(f Found) (ids []string) {
	parent := ""
	for _, column := range []string{"parent_process", "process"} {
		line, name := cellOf(f, column), cellOf(f, column+"_name")
		if line == "" && name == "" {
			continue
		}
		o := stixObject{Type: "process", ID: stixID("process", ourIDs, column+" "+f.Key), CommandLine: line, Parent: parent}
		if n, err := strconv.ParseInt(cellOf(f, column+"_id"), 0, 64); err == nil && n > 0 {
			o.PID = n
		}
		if name != "" {
			o.Image = s.add(stixObject{Type: "file", Name: name,
				ID: stixID("file", stixIDs, `{"name":`+string(appendJSON(nil, name))+`}`)})
			if !slices.Contains(ids, o.Image) {
				ids = append(ids, o.Image)
			}
		}
		parent = s.add(o)
		ids = append(ids, parent)
	}
	return ids
}
