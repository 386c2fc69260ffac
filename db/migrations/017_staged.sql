-- What an import that takes another one's place has made ready: nobody sees it
-- until the one transaction in which it does. What lies in its blocks stands where
-- that of others does, under numbers that are given once.
CREATE TABLE staged (
    import_id INTEGER PRIMARY KEY, -- whose it is: the import itself or, yet to be recorded, a member of it
    root      INTEGER NOT NULL     -- the import that takes a place
);
CREATE INDEX staged_root ON staged (root);

-- As block. A record whose event is its own number says something else than it
-- did before; of all others, what they are sightings of stays what it was.
CREATE TABLE staged_block (
    first      INTEGER PRIMARY KEY,
    count      INTEGER NOT NULL,
    import_id  INTEGER NOT NULL,
    reading_id INTEGER NOT NULL REFERENCES reading (id),
    size       INTEGER NOT NULL,
    summary    BLOB NOT NULL
);
CREATE INDEX staged_block_import ON staged_block (import_id);

-- Where its records stand, as in again, but for the event: that is the record's,
-- whichever it will be. known: places of records that stand elsewhere too.
CREATE TABLE staged_again (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    known     INTEGER NOT NULL,
    data      BLOB NOT NULL
);
CREATE INDEX staged_again_import ON staged_again (import_id);

-- The numbers of the hosts that its columns name: of those that are there, and of
-- those that may come, which then get these.
CREATE TABLE staged_host (
    id   INTEGER PRIMARY KEY,
    dest TEXT NOT NULL UNIQUE
);
