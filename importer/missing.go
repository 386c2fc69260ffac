package importer

import (
	"fmt"

	"escutcheon/intake"
)

// Lacks says in a sentence that records are missing that a log's own headers
// promise; "" when none are.
func Lacks(i intake.Import) string {
	records := fmt.Sprintf("%d records are", i.Missing)
	switch i.Missing {
	case 0:
		return ""
	case 1:
		records = "1 record is"
	}
	return "At least " + records + " missing that the log's own headers promise: the file was cut, or parts of it were " +
		"lost or written over. What is whole was read. Get a whole copy and import it again: nothing is counted twice."
}
