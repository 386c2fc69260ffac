package detection

import (
	"strings"

	"escutcheon/detection/spl"
)

// bothSources lets an event answer to the sources and sourcetypes of both of
// the add-on's inputs, classic and XML: WinEventLog:CHANNEL and
// XmlWinEventLog:CHANNEL. Events themselves give the classic form, so a search
// that asks for the other asks for that as well.
func bothSources(c spl.Compare) spl.Expr {
	low := strings.ToLower(c.Value)
	switch {
	case c.Field != "source" && c.Field != "sourcetype":
		return nil
	case !strings.HasPrefix(low, "wineventlog") && !strings.HasPrefix(low, "xmlwineventlog") &&
		!strings.HasPrefix(low, "xml*"):
		return nil
	}
	any := spl.Or{&c}
	classic := c.Value
	if strings.HasPrefix(low, "xml") {
		classic = c.Value[len("xml"):]
		any = append(any, &spl.Compare{Field: c.Field, Op: "=", Value: classic})
	}
	if c.Field == "sourcetype" && strings.Contains(c.Value, ":") { // the add-ons once named the channel there
		any = append(any, &spl.Compare{Field: "source", Op: "=", Value: classic})
	}
	return any
}
