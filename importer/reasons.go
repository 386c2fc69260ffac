package importer

import (
	"errors"
	"strings"

	"escutcheon/importer/sniff"
)

// instead is what to do with a file that is no log.
const instead = "Import the log itself, as .evtx or as your collector wrote it."

// unread says why a file cannot be read: what it is, what was expected, and what
// to do.
func unread(err error) string {
	if u := (*sniff.Unknown)(nil); errors.As(err, &u) {
		return u.Error() + " " + instead
	}
	return err.Error()
}

// Brief is why an import failed, as a list has room for it: what the file is, that
// a log was expected, and what to do.
func Brief(reason string) string {
	what, rest, ok := strings.Cut(reason, " "+sniff.Accepted())
	if !ok {
		return reason
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		rest = instead // it was stored before that was said
	}
	return what + " A Windows event log was expected. " + rest
}
