package iislog

import (
	"fmt"
	"strings"

	"escutcheon/importer/record"
)

func (d *w3c) words(t record.Tally) string { return Words(t) }

// Words says what a person should be told of a log, in sentences.
func Words(t record.Tally) string {
	var out []string
	say := func(n int64, one, many string) {
		switch {
		case n == 1:
			out = append(out, one)
		case n > 1:
			out = append(out, fmt.Sprintf(many, n))
		}
	}
	say(t[changes], "Its #Fields change once: each line is read by those above it.",
		"Its #Fields change %d times: each line is read by those above it.")
	say(t[doubled], "1 line has a second space before a value, as IIS writes it before some users: it is passed over.",
		"%d lines have a second space before a value, as IIS writes it before some users: it is passed over.")
	say(t[shaped],
		"1 line stands above any #Fields line: its shape says that it has the fields that are logged by default.",
		"%d lines stand above any #Fields line: their shape says that they have the fields that are logged by default.")
	say(t[dated], "1 line has no date: its day is that of #Date.",
		"%d lines have no date: their day is that of #Date, and goes on at midnight.")
	say(t[undated], "1 line has no date, and no #Date above it, or no time: it has none.",
		"%d lines have no date, and no #Date above them, or no time: they have none.")
	return strings.Join(out, " ")
}
