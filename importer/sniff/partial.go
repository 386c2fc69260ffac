package sniff

import (
	"bytes"

	"escutcheon/importer/eventcsv"
)

// partial says what a text is that speaks of events and yet holds none: a part
// of one, or CSV of something else. It is "" for any other.
func partial(text []byte) string {
	has := func(words ...string) bool {
		for _, w := range words {
			if !bytes.Contains(text, []byte(w)) {
				return false
			}
		}
		return true
	}
	switch {
	case has("<EventData") && !has("<System"):
		return "This is the EventData of an event without its System part, which names the event id, the time and the " +
			"computer. Copy the whole <Event>."
	case has("<event ", "symbol=", "<template "), has("<instrumentationManifest"):
		return "This is the manifest of a provider: it says what events may hold, and holds none."
	case has("\nEventData\n", "\nConfigPath\n"), has("\nEventData\r\n", "\nConfigPath\r\n"):
		return "This is one event as the details view of Log Analytics shows it, without event id, time and computer. " +
			"Export the query's result as JSON, or the log as EVTX."
	}
	return eventcsv.What(text)
}
