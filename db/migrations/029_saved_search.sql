-- Searches that are kept under a name. One that was deleted stays for a while, so that
-- this can be undone.
CREATE TABLE saved_search (
    id       INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    name     TEXT NOT NULL,
    text     TEXT NOT NULL,
    earliest TEXT NOT NULL,
    latest   TEXT NOT NULL,
    columns  TEXT NOT NULL,
    author   TEXT NOT NULL,
    editor   TEXT NOT NULL,
    created  INTEGER NOT NULL, -- nanoseconds since 1970, as edited
    edited   INTEGER NOT NULL,
    deleted  INTEGER NOT NULL DEFAULT 0 -- 0: it is not
);
CREATE UNIQUE INDEX saved_search_name ON saved_search (name) WHERE deleted = 0;
