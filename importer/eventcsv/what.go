package eventcsv

import (
	"fmt"
	"strings"
	"unicode"

	"escutcheon/importer/record"
)

// What says in a sentence what CSV begins like text and is no log that is read
// here; "" is for what is no CSV.
func What(text []byte) string {
	s, _ := record.Decoded(string(text[:min(len(text), mostLead)]), record.UTF8)
	s = strings.TrimPrefix(s, "\uFEFF")
	line, rest := "", s
	for line == "" || preamble([]byte(line)) {
		if rest == "" {
			return ""
		}
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
	}
	for _, delim := range [...]byte{',', ';', '\t'} {
		names := split(nil, line, delim, 1000)
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		if what := tool(names); what != "" {
			return what
		}
		next, _, _ := strings.Cut(rest, "\n")
		if len(names) >= 3 && len(split(nil, next, delim, 1000)) == len(names) && !strings.ContainsAny(line[:1], "<{[") {
			return "This is CSV that is no event log: its columns are " + list(names) + "."
		}
	}
	return ""
}

// tool names whose CSV has such columns.
func tool(names []string) string {
	const instead = " Import the event logs that it was made from."
	switch {
	case has(names, "Timestamp", "RuleTitle", "Level") == 3:
		return "This is a timeline of Hayabusa: its rows are what rules matched, no longer the events." + instead
	case has(names, "timestamp", "detections", "path") == 3:
		return "This is CSV of a Chainsaw hunt: its rows are what rules matched, no longer the events." + instead
	case has(names, "datetime", "timestamp_desc", "message") == 3, has(names, "date", "time", "MACB") == 3:
		return "This is a timeline of Plaso, which keeps no events as they were." + instead
	case has(names, "TimeCreated") == 1 && has(names, "ProviderName", "LogName", "MachineName", "LevelDisplayName",
		"Message") > 0:
		return "This is CSV of Get-WinEvent without the event id. Export the column Id as well."
	case has(names, "_time") == 1:
		return "This is a table of a search's results, with neither _raw nor EventCode. Export the events, with the column " +
			"_raw."
	case len(names) > 3 && strings.HasPrefix(names[0], "TimeGenerated ["):
		return "This is CSV of a Log Analytics query, whose columns are its author's. Export its result as JSON."
	}
	return ""
}

// list names the first columns, without what cannot be shown.
func list(names []string) string {
	const most, mostName = 6, 32
	var out []string
	for i, n := range names {
		if i == most {
			return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", len(names)-most)
		}
		n = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return -1
		}, n)
		if r := []rune(n); len(r) > mostName {
			n = string(r[:mostName]) + "…"
		}
		if n == "" {
			n = "(no name)"
		}
		out = append(out, n)
	}
	return strings.Join(out, ", ")
}
