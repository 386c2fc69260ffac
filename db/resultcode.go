package db

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
)

// resultCode is SQLite's primary result code in an error's chain; 0 where there is
// none.
func resultCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// resultCodes are what SQLite's result codes tell a person
// (https://www.sqlite.org/rescode.html). Those that are missing are faults of ours.
var resultCodes = map[int]*fault.Error{
	sqlite3.SQLITE_CORRUPT: says(fault.Damaged,
		"The database is damaged where this is kept. \"escutcheon check\" names what is damaged, and what "+
			"is whole can still be read; restore a backup."),
	sqlite3.SQLITE_NOTADB: says(fault.Damaged,
		"The file is no database any more: its beginning was overwritten. Restore a backup."),
	sqlite3.SQLITE_IOERR: says(fault.Damaged,
		"The disk did not do what the database asked of it. See that the disk is there and healthy, "+
			"then start again; what was acknowledged before is on it. \"escutcheon check\" says whether the "+
			"database is whole."),
	sqlite3.SQLITE_FULL: says(fault.Full,
		"The disk that holds the database, or the one for temporary files, is full. What was stored "+
			"before is whole. Free some space and try again."),
	sqlite3.SQLITE_READONLY: says(fault.ReadOnly,
		"The database cannot be changed: its file or its folder may only be read. Copy it to where it "+
			"may be written, with its -wal file if there is one."),
	sqlite3.SQLITE_CANTOPEN: says(fault.Invalid,
		"The database cannot be opened. See that the file is there, and that it and the files beside it "+
			"with its name (-wal, -shm) may be read; where its folder may not be written, copy all of them "+
			"to one that may."),
	sqlite3.SQLITE_PERM: says(fault.Invalid,
		"The database file may not be used. See who may read and write it."),
	sqlite3.SQLITE_BUSY: says(fault.Busy,
		"Another process is using the database just now. Wait a moment and try again."),
	sqlite3.SQLITE_LOCKED: says(fault.Busy,
		"The database is in use for something else just now. Wait a moment and try again."),
	sqlite3.SQLITE_PROTOCOL: says(fault.Busy,
		"The database could not be locked. See that it lies on a local disk, not on a network share, "+
			"and try again."),
	sqlite3.SQLITE_NOMEM: says(fault.TooLarge,
		"There was not enough memory for this. Ask for less, or give it more."),
}

// damagedBlock is of events whose stored bytes or columns are not as they were written.
var damagedBlock = says(fault.Damaged, "Some of the stored events are damaged, and with them what was asked for. "+
	"\"escutcheon check\" names them. Import their logs again into another database, or restore a backup.")

func says(c fault.Code, sentence string) *fault.Error {
	return &fault.Error{Code: c, Sentence: sentence}
}

func init() {
	fault.Explains(func(err error) *fault.Error {
		if errors.Is(err, block.ErrDamaged) {
			return damagedBlock
		}
		return resultCodes[resultCode(err)]
	})
}
