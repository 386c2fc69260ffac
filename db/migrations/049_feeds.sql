-- Live feeds: what lets them in, what came of each, and the import of each day.
CREATE TABLE feed_token (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    hash    TEXT    NOT NULL UNIQUE,        -- SHA-256 of it
    zone    TEXT    NOT NULL,               -- of times without one; '': UTC
    author  TEXT    NOT NULL,
    created INTEGER NOT NULL,               -- nanoseconds since 1970, as all times here
    revoked INTEGER NOT NULL
);
CREATE TABLE feed (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,            -- as package intake names them
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    newest     INTEGER NOT NULL,            -- time of its newest event; 0 none
    deliveries INTEGER NOT NULL,
    repeated   INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    read       INTEGER NOT NULL,
    new        INTEGER NOT NULL,
    rejected   INTEGER NOT NULL,
    UNIQUE (name, kind)
);
CREATE TABLE feed_day (
    feed_id   INTEGER NOT NULL REFERENCES feed (id),
    day       INTEGER NOT NULL,             -- days since 1970, of UTC
    import_id INTEGER NOT NULL UNIQUE,      -- which may have been deleted
    PRIMARY KEY (feed_id, day)
) WITHOUT ROWID;
-- What came, so that what is sent again is known.
CREATE TABLE feed_sent (
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    digest  BLOB    NOT NULL,
    came    INTEGER NOT NULL,
    import_id INTEGER NOT NULL,             -- it is forgotten with it
    PRIMARY KEY (feed_id, digest)
) WITHOUT ROWID;
CREATE INDEX feed_sent_came ON feed_sent (came);
CREATE INDEX feed_sent_import ON feed_sent (import_id);
-- Files of watched folders that were taken, as they were then.
CREATE TABLE feed_file (
    path     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL
) WITHOUT ROWID;
