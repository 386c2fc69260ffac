package sniff

import (
	"io"

	"escutcheon/event"
	"escutcheon/importer/record"
)

type Inspection struct {
	Info
	Events, Zoneless, NoComputer int
	Dates                        event.DateOrder
	Examples                     []Example
}
type Example struct {
	TimeText  string
	Nanos     int64
	HasTime   bool
	Computer  string
	EventCode int64
	Start     string
}

func Inspect(r io.Reader, opt record.Options, n int) (Inspection, error) { return Inspection{}, nil }
func LocalDates(f Format) bool                                           { return false }
