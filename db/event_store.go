package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"escutcheon/eventstore/blockstore"
	"escutcheon/fault"
)

// Events says where what the blocks of a database hold lies.
type Events struct {
	// At is an address that Open takes, or InFile: it has to be the one where they are. ""
	// is where they are.
	At string
	// Open opens a store by its address, asking nothing of it. Without it such events
	// cannot be read.
	Open func(address string) (blockstore.Store, error)
}

// InFile says that events lie in the database file.
const InFile = "sqlite"

// eventsAt is where the events of a database are, as it says; an empty address is the file.
func eventsAt(ctx context.Context, q queryer) (address, owner string, err error) {
	err = one(ctx, q, `SELECT address, owner FROM event_store`, nil, &address, &owner)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return address, owner, err
}

// contents is where what blocks hold lies, as the database that q shows says.
func (v *Events) contents(ctx context.Context, q queryer, now func() time.Time) (contents, error) {
	address, owner, err := eventsAt(ctx, q)
	if err != nil {
		return nil, err
	}
	if address == "" {
		return inFile{}, nil
	}
	if v.At == InFile {
		return nil, fault.New(fault.Invalid, "The events of this database are in %s. Leave --events out, or give it that.",
			address)
	}
	e := &elsewhere{address: address, owner: owner, now: now, hold: hold{most: holdsFor}}
	if v.Open == nil {
		return e, nil
	}
	at := address
	if v.At != "" {
		at = v.At
	}
	e.store, err = v.Open(at)
	if err == nil && at != address {
		err = e.moves(ctx)
	}
	return e, err
}

// moves makes sure that another address is that of the same store.
func (e *elsewhere) moves(ctx context.Context) error {
	owner, err := e.store.Owner(ctx)
	if err == nil && (owner == "" || owner != e.owner) {
		err = fault.New(fault.Invalid, "The events of this database are in %s, and %s has none of them. Leave --events out, "+
			"or give it the first.", e.address, e.store.Address())
	}
	e.address = e.store.Address()
	return err
}

// place finds out where events are, and for a new database says where they will be.
func (d *DB) place(ctx context.Context, v *Events) error {
	lie, err := v.contents(ctx, d.w.conn, d.now)
	if err != nil {
		return err
	}
	e, far := lie.(*elsewhere)
	switch {
	case !far && v.At != "" && v.At != InFile:
		if e, err = d.begins(ctx, v); err != nil {
			return err
		}
	case !far:
		return nil
	case v.At != "" && e.owner == "": // who says where they are means this copy of it
		e.owner = newOwner()
		if err := e.store.Own(ctx, e.owner); err != nil {
			return err
		}
	}
	d.w.lie = e
	return d.writeLarge(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM event_store`); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO event_store (address, owner) VALUES (?, ?)`, e.address, e.owner)
		return err
	})
}

// begins is the store of a database that has no events yet.
func (d *DB) begins(ctx context.Context, v *Events) (*elsewhere, error) {
	if v.Open == nil {
		return nil, fmt.Errorf("nothing opens %s", v.At)
	}
	var has bool
	if err := one(ctx, d.w.conn, `SELECT EXISTS (SELECT 1 FROM block) OR EXISTS (SELECT 1 FROM staged_block)`, nil,
		&has); err != nil {
		return nil, err
	}
	if has {
		return nil, fault.New(fault.Invalid, "The events of %q are in the file itself. Leave --events out, or name a new "+
			"database with --db and import the logs into that.", d.path)
	}
	store, err := v.Open(v.At)
	if err != nil {
		return nil, err
	}
	return &elsewhere{store: store, address: store.Address(), owner: newOwner(), now: d.now,
		hold: hold{most: holdsFor}}, nil
}

func newOwner() string { return fmt.Sprintf("o%016x", rand.Uint64()) }
