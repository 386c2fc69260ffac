-- What was taken from the inbox that ingesters fill (db/inbox.go).
CREATE TABLE inbox_mark (
    stream TEXT    PRIMARY KEY,             -- what one ingester put there
    seq    INTEGER NOT NULL,                -- all of it up to here was taken
    seen   INTEGER NOT NULL                 -- when that was noted, nanoseconds since 1970
) WITHOUT ROWID;
-- What was taken beyond that.
CREATE TABLE inbox_taken (
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (stream, seq, n)
) WITHOUT ROWID;
-- Events of a feed that were older than those that are kept.
ALTER TABLE feed ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
