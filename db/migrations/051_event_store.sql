-- Where what blocks hold lies, unless that is in this file: then there is no row.
-- owner names this database there; '' is a copy, which changes nothing there.
CREATE TABLE event_store (
    address TEXT NOT NULL,
    owner   TEXT NOT NULL
);
-- The versions of blocks (and of staged ones) there that count: of their columns, and
-- of their records.
CREATE TABLE block_at (
    first   INTEGER PRIMARY KEY,
    columns INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
);
-- Versions that do not count any more, and are yet to be forgotten there.
CREATE TABLE block_gone (
    first INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    since INTEGER NOT NULL, -- seconds since 1970
    PRIMARY KEY (first, at)
) WITHOUT ROWID;
