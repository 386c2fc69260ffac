package spl

import "strings"

// An event answers to the sources and sourcetypes of both of the add-on's
// inputs, classic and XML: WinEventLog:CHANNEL and XmlWinEventLog:CHANNEL.
// Events themselves give the classic form, so a search that asks for the other
// asks for that as well.

func isSource(field string) bool { return field == "source" || field == "sourcetype" }

const (
	classicSource = "wineventlog"
	xmlSource     = "xmlwineventlog"
)

func compileSource(field, want string) matcher {
	ms := some{&equals{field, newPattern(want)}}
	if !hasPrefixFold(want, xmlSource) && !hasPrefixFold(want, classicSource) && !strings.HasPrefix(strings.ToLower(want), "xml*") {
		return ms[0]
	}
	classic := want
	if hasPrefixFold(want, "xml") {
		classic = want[3:]
		ms = append(ms, &equals{field, newPattern(classic)})
	}
	if field == "sourcetype" && strings.Contains(want, ":") { // the add-ons once named the channel there
		ms = append(ms, &equals{"source", newPattern(classic)})
	}
	return ms
}
