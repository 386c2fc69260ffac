-- The block is the row: what single events are stands in the columns of their
-- block. Rows of older versions are taken over step by step (upgrade.go).
ALTER TABLE block RENAME TO old_block;
ALTER TABLE sighting RENAME TO old_sighting;
ALTER TABLE event RENAME TO old_event;
DROP INDEX block_import;
DROP INDEX sighting_import;
DROP INDEX sighting_record;
DROP INDEX event_identity;
DROP INDEX event_digest;

-- A block holds the records first … first+count-1, all of one import. A record
-- under whose number an event is known was the first sighting of it. import_id
-- is 0 when the import was deleted and others still need some of its records.
CREATE TABLE block (
    first      INTEGER PRIMARY KEY,
    count      INTEGER NOT NULL,
    import_id  INTEGER NOT NULL,
    reading_id INTEGER NOT NULL REFERENCES reading (id),
    size       INTEGER NOT NULL, -- bytes of its records, unpacked
    summary    BLOB NOT NULL     -- what it cannot hold
);
CREATE INDEX block_import ON block (import_id);

-- Of each block, so that a reader loads no more than it needs: what is known of
-- its records, the words in them, and the records themselves.
CREATE TABLE block_columns (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE block_words (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE block_bytes (first INTEGER PRIMARY KEY, data BLOB NOT NULL);

-- The further sightings of events, many in a row: those that a batch of an import
-- brought, sorted by event.
CREATE TABLE again (
    id          INTEGER PRIMARY KEY,
    import_id   INTEGER NOT NULL,
    first_event INTEGER NOT NULL,
    last_event  INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    data        BLOB NOT NULL
);
CREATE INDEX again_event ON again (first_event, last_event, import_id);
CREATE INDEX again_import ON again (import_id);

-- The events without a record number, by the hash of their bytes and which of
-- several equal ones of a file they are.
CREATE TABLE digest (
    digest   BLOB PRIMARY KEY,
    event_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX digest_event ON digest (event_id);

-- mixed: its events spell it in more than one way. stale: its first and last
-- event and its spelling are yet to be found anew.
ALTER TABLE host ADD COLUMN mixed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE host ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;

-- A number that no other state of the blocks, names and hosts has had.
INSERT INTO sequence (name, last) VALUES ('store', 1);

-- Blocks without an import that may hold what nobody needs any more.
CREATE TABLE bare (first INTEGER PRIMARY KEY);
