package spl

import (
	"strings"

	"escutcheon/detection/spl/value"
)

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
	ms := some{&equals{field, value.NewPattern(want)}}
	if !value.HasPrefixFold(want, xmlSource) && !value.HasPrefixFold(want, classicSource) && !strings.HasPrefix(strings.ToLower(want), "xml*") {
		return ms[0]
	}
	classic := want
	if value.HasPrefixFold(want, "xml") {
		classic = want[3:]
		ms = append(ms, &equals{field, value.NewPattern(classic)})
	}
	if field == "sourcetype" && strings.Contains(want, ":") { // the add-ons once named the channel there
		ms = append(ms, &equals{"source", value.NewPattern(classic)})
	}
	return ms
}
