-- How the records of an import are decoded: what the file is and what was
-- answered for it. Imports with the same answers share one.
CREATE TABLE reading (
    id       INTEGER PRIMARY KEY,
    format   TEXT NOT NULL,
    encoding TEXT NOT NULL,
    zone     TEXT NOT NULL,
    computer TEXT NOT NULL,
    dates    TEXT NOT NULL, -- 'mdy', 'dmy', or '' where nobody chose
    UNIQUE (format, encoding, zone, computer, dates)
);

ALTER TABLE import ADD COLUMN dates TEXT NOT NULL DEFAULT '';
ALTER TABLE import ADD COLUMN compression TEXT NOT NULL DEFAULT '';
ALTER TABLE import ADD COLUMN parent INTEGER;              -- the archive it is a member of
ALTER TABLE import ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0; -- which member, from 1
ALTER TABLE import ADD COLUMN ask INTEGER NOT NULL DEFAULT 0;     -- ask before it starts, where the content leaves something open
ALTER TABLE import ADD COLUMN note TEXT NOT NULL DEFAULT '';      -- what a person should know of it
ALTER TABLE import ADD COLUMN same_as INTEGER;             -- the import of the same file with the same answers
ALTER TABLE import ADD COLUMN replaces INTEGER;            -- the import whose place it takes, which is gone once it is done
ALTER TABLE import ADD COLUMN undated INTEGER NOT NULL DEFAULT 0;     -- dates read in the order chosen, which they leave open
ALTER TABLE import ADD COLUMN windows1252 INTEGER NOT NULL DEFAULT 0; -- records that are no UTF-8
ALTER TABLE import ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;     -- members that are no logs
UPDATE import SET compression = 'gzip' WHERE gzip = 1;
ALTER TABLE import DROP COLUMN gzip;
CREATE INDEX import_parent ON import (parent) WHERE parent IS NOT NULL;
CREATE INDEX import_sha256 ON import (sha256);
CREATE INDEX import_same ON import (same_as) WHERE same_as IS NOT NULL;

-- Blocks hold the bytes of records first_event … first_event+count-1. A record
-- whose number is an event's was the first sighting of it. import_id is 0 when
-- the import was deleted and others still need some of its records; those that
-- nobody needs are empty then.
CREATE TABLE block2 (
    first_event INTEGER PRIMARY KEY,
    count       INTEGER NOT NULL,
    import_id   INTEGER NOT NULL,
    reading_id  INTEGER NOT NULL REFERENCES reading (id),
    data        BLOB NOT NULL
);
INSERT OR IGNORE INTO reading (format, encoding, zone, computer, dates)
    SELECT DISTINCT format, encoding, zone, computer, '' FROM import WHERE id IN (SELECT import_id FROM block);
INSERT INTO block2 (first_event, count, import_id, reading_id, data)
    SELECT b.first_event, b.count, b.import_id, r.id, b.data FROM block b JOIN import i ON i.id = b.import_id
    JOIN reading r ON r.format = i.format AND r.encoding = i.encoding AND r.zone = i.zone AND r.computer = i.computer AND r.dates = '';
DROP TABLE block;
ALTER TABLE block2 RENAME TO block;
CREATE INDEX block_import ON block (import_id);

-- Every other sighting of an event. record_id names its bytes: the event's own
-- number when they equal those of the first sighting, else a record that is no
-- event of its own.
CREATE TABLE sighting (
    event_id  INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    PRIMARY KEY (event_id, import_id, offset)
) WITHOUT ROWID;
CREATE INDEX sighting_import ON sighting (import_id, offset);
CREATE INDEX sighting_record ON sighting (record_id);

-- The numbers given last. What was deleted never gives its number to another.
CREATE TABLE sequence (
    name TEXT PRIMARY KEY, -- 'record' or 'import'
    last INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO sequence (name, last) SELECT 'record', ifnull(max(id), 0) FROM event;
INSERT INTO sequence (name, last) SELECT 'import', ifnull(max(id), 0) FROM import;

-- The rejected stretches of an import as they were, zstd, in the file's order.
CREATE TABLE rejected_bytes (
    import_id INTEGER NOT NULL,
    n         INTEGER NOT NULL, -- of the rejection
    part      INTEGER NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (import_id, n, part)
) WITHOUT ROWID;
ALTER TABLE rejection ADD COLUMN length INTEGER NOT NULL DEFAULT 0; -- bytes of the file, 0 when not known

-- Findings are made anew from the stored events: a window now says what its
-- events are.
DELETE FROM rule;
DROP TABLE risk_event;
DROP TABLE finding_window;
DROP TABLE finding_event;
DELETE FROM finding;
DELETE FROM unattributed;
CREATE INDEX unattributed_event ON unattributed (event_id);

CREATE TABLE finding_event (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL, -- of the event's window
    event_id   INTEGER NOT NULL,
    PRIMARY KEY (finding_id, start, event_id)
) WITHOUT ROWID;
CREATE INDEX finding_event_event ON finding_event (event_id);

-- The aggregates of a finding's events in one scheduled window.
CREATE TABLE finding_window (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL,  -- second
    state      TEXT NOT NULL,
    count      INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    change     INTEGER NOT NULL,
    PRIMARY KEY (finding_id, start)
) WITHOUT ROWID;

CREATE TABLE risk_event (
    finding_id  INTEGER NOT NULL REFERENCES finding (id),
    start       INTEGER NOT NULL,  -- second at which the window starts
    object_type TEXT NOT NULL,
    object      TEXT NOT NULL,     -- normalised
    rule_id     TEXT NOT NULL,
    score       INTEGER NOT NULL,
    message     TEXT NOT NULL,
    count       INTEGER NOT NULL,  -- events in the window
    second      INTEGER NOT NULL,  -- of the last event in the window
    PRIMARY KEY (finding_id, start, object_type, object)
) WITHOUT ROWID;
CREATE INDEX risk_event_object ON risk_event (object, second);
