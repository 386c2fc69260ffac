package handlers

import (
	"context"
	"fmt"
	"time"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/views"
)

// formatWords is what people call an import's format.
func formatWords(i intake.Import) string {
	if isArchive(i) {
		return i.Format + " archive"
	}
	return sniff.NameOf(i.Format)
}

// isArchive says whether an import holds members.
func isArchive(i intake.Import) bool {
	return i.Format == "zip" || i.Format == "tar" || i.Format == "7z"
}

// encodingWords is an encoding that is worth saying.
func encodingWords(i intake.Import) string {
	if i.Encoding == "UTF-8" {
		return ""
	}
	return i.Encoding
}

// number is an import's id as pages have it; "" for none.
func number(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprint(id)
}

func (h *Handlers) importRow(i intake.Import) views.ImportRow {
	if live, ok := h.Queue.Live(i.ID); ok && i.Status == intake.Running {
		i.Read, i.New, i.Duplicate = live.Read, live.New, live.Duplicate
	}
	r := views.ImportRow{ID: fmt.Sprint(i.ID), Name: i.Name, SHA256: i.SHA256, Size: i.Size, Format: formatWords(i),
		Kind:        i.Format,
		Encoding:    encodingWords(i),
		Compression: i.Compression, Carrier: i.Carrier,
		Archive: isArchive(i), Zone: i.Zone, ZoneUsed: i.Zoneless > 0, Computer: i.Computer, Site: i.Site,
		Dates: i.Dates, Undated: i.Undated,
		Note: i.Note, Windows1252: i.Windows1252, Skipped: i.Skipped, Missing: i.Missing, Lacks: importer.Lacks(i),
		Expired: i.Expired,
		Status:  views.Status(i.Status), Failure: i.Reason,
		Brief: importer.Brief(i.Reason),
		Read:  i.Read, New: i.New, Duplicate: i.Duplicate, Rejected: i.Rejected, NoTime: i.Timeless,
		NoComputer: i.Nameless, Bytes: i.Bytes, Total: i.Size,
		Created: i.Created, Started: i.Started, Ended: i.Finished, By: i.Source,
		SameAs: number(i.SameAs), Replaces: number(i.Replaces), Parent: number(i.Parent), Ordinal: i.Ordinal}
	if !i.Status.Ended() {
		r.Stalled = h.Queue.Stalled(i.ID)
	}
	if i.Status == intake.Running {
		r.MembersDone, r.MembersAll, _ = h.Queue.Members(i.ID)
	}
	if i.Started.IsZero() || i.Status == intake.Asking || isArchive(i) &&
		i.Status.Ended() { // it may have waited for answers
		return r
	}
	end := i.Finished
	if end.IsZero() {
		end = h.Now()
	}
	if took := end.Sub(i.Started).Seconds(); took > 0 {
		r.Rate, r.Events = float64(i.Bytes)/took, float64(i.Read)/took
		if r.Rate > 0 && i.Status == intake.Running {
			r.Left = time.Duration(float64(i.Size-i.Bytes) / r.Rate * float64(time.Second))
		}
	}
	return r
}

// importOf is an import that a request names. One that was replaced says by
// which.
func (h *Handlers) importOf(ctx context.Context, id int64) (intake.Import, error) {
	i, err := h.Ask.Imports.ImportByID(ctx, id)
	if fault.CodeOf(err) != fault.NotFound {
		return i, err
	}
	by, rerr := h.Ask.Imports.ReplacedBy(ctx, id)
	switch {
	case rerr != nil:
		return i, rerr
	case by == 0:
		return i, err
	}
	return i, &replaced{fault.New(fault.NotFound,
		"Import %d was imported again with other answers. Import %d took its place.", id, by), by}
}

// replaced is the error of an import whose place another one took.
type replaced struct {
	error
	by int64
}

func (r *replaced) Unwrap() error { return r.error }
