package casefile

import (
	"context"
	"errors"
	"os"

	"escutcheon/store"
)

// Store stores the case of a case file: as a new one (fresh), or the one it is.
type Store interface {
	BringCase(ctx context.Context, c store.CarriedCase, fresh bool,
		data func(sum string) ([]byte, error)) (store.CaseImported, error)
}

// Bring reads the case file at a path and stores its case.
func Bring(ctx context.Context, to Store, path string, fresh bool) (done store.CaseImported, err error) {
	f, err := os.Open(path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return done, err
	}
	in, err := Read(f, info.Size())
	if err != nil {
		return done, err
	}
	return to.BringCase(ctx, in.Case, fresh, in.Data)
}
