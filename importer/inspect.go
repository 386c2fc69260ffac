package importer

import (
	"errors"
	"io"
	"os"
	"strings"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// Inspection is what a log's start tells, and leaves open.
type Inspection struct {
	sniff.Inspection
	Zone, Computer, DateOrder bool // what somebody should say before the log is imported
}

// Open says whether anything is left open.
func (i Inspection) Open() bool { return i.Zone || i.Computer || i.DateOrder }

// Inspect looks at the start of a file as the answers given have it read, with
// three examples. An answer that is "" was not given.
func (im *Importer) Inspect(i intake.Import, r intake.Reading) (Inspection, error) {
	if _, err := Zone(r.Zone); err != nil {
		return Inspection{}, err
	}
	f, err := os.Open(i.Path)
	if err != nil {
		return Inspection{}, err
	}
	defer f.Close()
	return inspect(&i, f, r)
}

func inspect(i *intake.Import, f io.Reader, r intake.Reading) (_ Inspection, err error) {
	defer fault.Catch(&err)
	head, f, err := peek(f)
	if err != nil {
		return Inspection{}, err
	}
	if in, ok := inspectArtifact(head, r, i); ok {
		return in, nil
	}
	opt, err := options(intake.Reading{Zone: r.Zone, Computer: r.Computer, Dates: r.Dates})
	if err != nil {
		return Inspection{}, err
	}
	in, err := sniff.Inspect(f, opt, 3)
	var unknown *sniff.Unknown
	if errors.As(err, &unknown) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the import says it
	}
	return Inspection{Inspection: in, Zone: in.Zoneless > 0 && r.Zone == "", Computer: in.NoComputer > 0 &&
		r.Computer == "",
		DateOrder: in.Dates == event.DatesOpen && r.Dates == ""}, err
}

// note says in a sentence what nobody chose and had to be.
func (im *Importer) note(imp intake.Import) (string, error) {
	f, err := os.Open(imp.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return noteOf(imp, f)
}

// noteOf is note of an import whose bytes f gives.
func noteOf(imp intake.Import, f io.Reader) (string, error) {
	if imp.Dates != "" || !sniff.Zoneless(imp.Format) {
		return "", nil
	}
	in, err := inspect(&imp, f, imp.Reading())
	if fault.PanicOf(err) != nil { // who reads on says where
		return "", nil
	}
	if err != nil || in.Dates != event.DatesOpen || len(in.Examples) == 0 {
		return "", err
	}
	order := "day-first, as they have no AM or PM"
	if halfDay(in.Examples[0].TimeText) {
		order = "month-first, as they have AM or PM"
	}
	return "The dates (" + in.Examples[0].TimeText + ") leave open which number is the day. They are read " + order + ".",
		nil
}

// Settle makes an import ready that asks where its content leaves something
// open: it waits for an answer (Asking), or needs none. It says which. The
// answers that nobody has to give are what they are for everybody: UTC.
func (im *Importer) Settle(i *intake.Import) (asks bool, err error) {
	if !i.Ask {
		settle(i)
		return false, nil
	}
	f, err := os.Open(i.Path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return settleBy(i, f)
}

func settle(i *intake.Import) {
	if i.Zone == "" {
		i.Zone = "UTC"
	}
}

// settleBy is Settle of an import whose bytes f gives.
func settleBy(i *intake.Import, f io.Reader) (asks bool, err error) {
	if i.Ask {
		in, err := inspect(i, f, i.Reading())
		if fault.PanicOf(err) != nil { // the import says it
			settle(i)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if in.Open() {
			i.Status = intake.Asking
			return true, nil
		}
		if in.Format == "" { // no log: if it is an archive, its members are asked for
			return false, nil
		}
	}
	settle(i)
	return false, nil
}

// halfDay says whether a time is written with AM or PM.
func halfDay(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "am") || strings.Contains(t, "pm") || strings.Contains(t, "a.m") ||
		strings.Contains(t, "p.m")
}
