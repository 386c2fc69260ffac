package store

import (
	"escutcheon/artifact"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

// Configuration is what the files of a host, under all its names, say of its
// configuration.
type Configuration struct {
	Dest, Spelling string
	History        *onfile.History // nil: no file of it was collected
	Files          []artifact.File
	Log            verdict.Log // what is known of the log of its configuration
}
