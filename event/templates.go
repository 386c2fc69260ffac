package event

import "strings"

// templates are the texts that messages are rendered with where a log carries none:
// what stands in a Message and not in its record.
var templates = []string{
	"changes to '", "' at '", "' have successfully been committed.", "failed to commit changes to '", "'.",
	"changes have successfully been committed to '", "' because file on the disk has been changed.",
	"checking whether file '", "' has changed on the disk returned '", "a commit operation has been initiated.",
	"a commit operation has completed. the status code is: '",
}

// InTemplate says whether some letters and digits may stand in an event's Message
// without standing in its record. All others do as they are, in every format.
func InTemplate(part string) bool {
	part = strings.ToLower(part)
	for _, t := range templates {
		if strings.Contains(t, part) {
			return true
		}
	}
	return false
}
