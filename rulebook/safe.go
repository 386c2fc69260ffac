package rulebook

import (
	"context"
	"log/slog"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// OpenSafe reads the rules of a database and runs none of them, nor a filter:
// what is stored stays as it is, and can be read. What rests on rules is refused
// with SafeMode. A change of the rules is stored, and comes into force when the
// database is opened again.
func OpenSafe(ctx context.Context, kept Store, dec intake.Decoder, log *slog.Logger,
	now func() time.Time) (*Book, error) {
	return openHeld(ctx, kept, dec, log, now, SafeMode)
}

// OpenReadOnly is OpenSafe of a database that may only be read.
func OpenReadOnly(ctx context.Context, kept Store, dec intake.Decoder, log *slog.Logger,
	now func() time.Time) (*Book, error) {
	return openHeld(ctx, kept, dec, log, now, ReadOnly)
}

func openHeld(ctx context.Context, kept Store, dec intake.Decoder, log *slog.Logger, now func() time.Time,
	why string) (*Book, error) {
	b := &Book{store: kept, dec: dec, now: now, log: log, wake: make(chan struct{}, 1),
		trying: make(chan struct{}, 1), safe: true, held: fault.New(fault.Conflict, "%s", why)}
	return b, b.Reload(ctx)
}

// SafeMode says why nothing that rests on rules is done (OpenSafe).
const SafeMode = "This server was started with --safe: no rule and no filter runs. Start it again without that."

// ReadOnly says the same of OpenReadOnly.
const ReadOnly = "This database is only read: its file or its folder is write-protected. No rule and no filter runs, " +
	"and nothing is changed or imported."
