package importer

import (
	"context"
	"fmt"
	"strings"

	"escutcheon/importer/record"
	"escutcheon/intake"
)

// witness stores what the reader of a log that has ended knows of what is not
// in it.
func (im *Importer) witness(ctx context.Context, imp intake.Import, reader any) error {
	if !testify(&imp, reader) {
		return nil
	}
	return im.store.DescribeImport(ctx, imp)
}

// testify adds that to an import, and says whether there was anything.
func testify(imp *intake.Import, reader any) bool {
	w, ok := reader.(record.Witness)
	if !ok {
		return false
	}
	note := w.Note()
	imp.Missing, imp.Note = w.Missing(), strings.TrimSpace(imp.Note+" "+note)
	return imp.Missing != 0 || note != ""
}

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
