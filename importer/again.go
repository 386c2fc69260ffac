package importer

import (
	"context"

	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/intake"
)

// ValidDates refuses what is no order of day and month.
func ValidDates(dates string) error {
	switch dates {
	case "", record.MDY, record.DMY:
		return nil
	}
	return fault.New(fault.Invalid, "%q is no order of day and month. Say mdy (month-first) or dmy (day-first).", dates)
}

// Again is a new import of what another one stored, with other answers. When
// it is run it takes the other one's place.
func (im *Importer) Again(ctx context.Context, old int64, zone, computer, dates string) (intake.Import, error) {
	if _, err := Zone(zone); err != nil {
		return intake.Import{}, err
	}
	if err := ValidDates(dates); err != nil {
		return intake.Import{}, err
	}
	o, err := im.store.ImportByID(ctx, old)
	switch {
	case err != nil:
		return o, err
	case o.Status == intake.Deleting:
		return o, errDeleting
	case o.Source == intake.Live:
		return o, fault.New(fault.Conflict, "This import is a live feed's: it is read in the zone that its token says, and "+
			"what came cannot be read in another one.")
	case !o.Status.Ended():
		return o, fault.New(fault.Conflict, "This import is %s. Wait for its end, or cancel it, and then import it again.",
			o.Status)
	case o.Parent != 0:
		return o, fault.New(
			fault.Conflict,
			"This file is a member of an archive. Import the whole archive again: its answers hold for all members.")
	}
	members, err := im.store.Members(ctx, old)
	if err != nil {
		return o, err
	}
	for _, m := range members {
		if !m.Status.Ended() {
			return o, fault.New(fault.Conflict, "Files in this archive still wait for an answer. Answer for them, or cancel "+
				"them, and then import the archive again.")
		}
	}
	if zone == "" {
		zone = "UTC"
	}
	return intake.Import{Name: o.Name, SHA256: o.SHA256, Size: o.Size, Source: o.Source, Zone: zone, Computer: computer,
		Site: o.Site, Dates: dates, Replaces: old}, nil
}
