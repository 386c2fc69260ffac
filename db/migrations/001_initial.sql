-- Times are UTC. "second" is whole seconds since 1970, rounded down; "nanos"
-- is the rest of it (0..999999999) beside a second, and nanoseconds since 1970
-- everywhere else (created, edited, …).

-- A host under its normalised name, with the spelling of its newest event.
CREATE TABLE host (
    id       INTEGER PRIMARY KEY,
    dest     TEXT NOT NULL UNIQUE,
    spelling TEXT NOT NULL,
    first    INTEGER, -- second of its first and newest event, NULL when it has none with a time
    last     INTEGER,
    events   INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE channel  (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE provider (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- One file brought in.
CREATE TABLE import (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,          -- as the client gave it: data, never a path
    sha256     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    source     TEXT NOT NULL,          -- 'upload', 'command line' or 'demo'
    path       TEXT NOT NULL DEFAULT '', -- where its bytes are while it runs
    owner      TEXT NOT NULL DEFAULT '', -- the process that runs it
    zone       TEXT NOT NULL,
    computer   TEXT NOT NULL,
    format     TEXT NOT NULL DEFAULT '',
    encoding   TEXT NOT NULL DEFAULT '',
    gzip       INTEGER NOT NULL DEFAULT 0,
    status     TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '', -- why it failed, as a sentence
    created    INTEGER NOT NULL,
    started    INTEGER,
    finished   INTEGER,
    beat       INTEGER NOT NULL DEFAULT 0, -- when its process last gave a sign of life
    bytes      INTEGER NOT NULL DEFAULT 0, -- of the file, consumed so far
    records    INTEGER NOT NULL DEFAULT 0, -- what the decoder returned and is stored: a restart skips as many
    read       INTEGER NOT NULL DEFAULT 0,
    new        INTEGER NOT NULL DEFAULT 0,
    duplicate  INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    timeless   INTEGER NOT NULL DEFAULT 0, -- new events without a time
    nameless   INTEGER NOT NULL DEFAULT 0, -- new events without a computer name
    zoneless   INTEGER NOT NULL DEFAULT 0  -- events whose time was read in the zone asked for
);
CREATE INDEX import_status ON import (status);

-- The first hundred rejected stretches of an import.
CREATE TABLE rejection (
    import_id INTEGER NOT NULL REFERENCES import (id),
    n         INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    sample    BLOB NOT NULL,
    PRIMARY KEY (import_id, n)
) WITHOUT ROWID;

-- How many new events of each host an import brought.
CREATE TABLE import_host (
    import_id INTEGER NOT NULL REFERENCES import (id),
    host_id   INTEGER NOT NULL REFERENCES host (id),
    events    INTEGER NOT NULL,
    PRIMARY KEY (import_id, host_id)
) WITHOUT ROWID;

-- How often an import has seen a record that carries no record number.
CREATE TABLE ordinal (
    import_id INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (import_id, digest)
) WITHOUT ROWID;

-- The original bytes of events first_event … first_event+count-1, all of one
-- import: zstd of [uvarint offset delta, uvarint length]… and the bytes.
CREATE TABLE block (
    first_event INTEGER PRIMARY KEY,
    count       INTEGER NOT NULL,
    import_id   INTEGER NOT NULL REFERENCES import (id),
    data        BLOB NOT NULL
);
CREATE INDEX block_import ON block (import_id);

-- What makes an event one event. Everything else is decoded from its bytes.
-- 0 stands for no host, channel or provider, -1 for no code or record number,
-- the smallest integer for no time.
CREATE TABLE event (
    id          INTEGER PRIMARY KEY,
    host_id     INTEGER NOT NULL,
    channel_id  INTEGER NOT NULL,
    provider_id INTEGER NOT NULL,
    record      INTEGER NOT NULL,
    code        INTEGER NOT NULL,
    second      INTEGER NOT NULL,
    nanos       INTEGER NOT NULL,
    digest      BLOB -- of the bytes and the ordinal, where there is no record number
);
CREATE UNIQUE INDEX event_identity ON event (host_id, channel_id, record, code, second) WHERE record >= 0;
CREATE UNIQUE INDEX event_digest ON event (digest) WHERE digest IS NOT NULL;

-- The rules whose findings stand below, and what they were compiled from.
CREATE TABLE rule (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    digest TEXT NOT NULL
) WITHOUT ROWID;

-- One row that a rule's search returns.
CREATE TABLE finding (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE,  -- hash of the rule and the BY values: the same in every database
    rule_id  TEXT NOT NULL,
    dest     TEXT NOT NULL,         -- normalised
    by_key   TEXT NOT NULL,         -- JSON array of the BY values
    state    TEXT NOT NULL,         -- of the aggregates
    row      TEXT NOT NULL,         -- JSON array of the values, in the order of the rule's columns
    sort     BLOB NOT NULL,         -- the same values, so encoded that bytes sort as rows do
    verdict  INTEGER NOT NULL,      -- 0 a row, 1 suppressed by the rule's filter, 2 removed by the search
    count    INTEGER NOT NULL,      -- events
    first    INTEGER NOT NULL,      -- second of the first and last event
    last     INTEGER NOT NULL,
    change   INTEGER NOT NULL       -- kinds of configuration change seen, a bit set
);
CREATE INDEX finding_last ON finding (rule_id, last, id);
CREATE INDEX finding_dest ON finding (dest);

CREATE TABLE finding_event (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    event_id   INTEGER NOT NULL,
    PRIMARY KEY (finding_id, event_id)
) WITHOUT ROWID;
CREATE INDEX finding_event_event ON finding_event (event_id);

-- The aggregates of a finding's events in one scheduled window.
CREATE TABLE finding_window (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL,  -- second
    state      TEXT NOT NULL,
    PRIMARY KEY (finding_id, start)
) WITHOUT ROWID;

-- What the scheduled run over a window made of a finding.
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

-- Events that a rule matches but that are in no row, and the fields they lack.
CREATE TABLE unattributed (
    rule_id  TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    dest     TEXT NOT NULL,
    missing  TEXT NOT NULL,
    PRIMARY KEY (rule_id, event_id)
) WITHOUT ROWID;

-- What analysts wrote. A note's history is never changed or removed.
CREATE TABLE note (
    id       INTEGER PRIMARY KEY,
    dest     TEXT NOT NULL,
    finding  TEXT NOT NULL DEFAULT '', -- finding.key, which survives a rebuild
    author   TEXT NOT NULL,           -- of the first revision
    editor   TEXT NOT NULL,           -- of the newest
    created  INTEGER NOT NULL,
    edited   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    text     TEXT NOT NULL,
    deleted  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX note_dest ON note (dest, id);

CREATE TABLE note_revision (
    note_id  INTEGER NOT NULL REFERENCES note (id),
    revision INTEGER NOT NULL,
    author   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    action   TEXT NOT NULL, -- 'written', 'edited' or 'deleted'
    text     TEXT NOT NULL,
    PRIMARY KEY (note_id, revision)
) WITHOUT ROWID;
