-- Searches that took long, so that they are found again when the server has ended.
CREATE TABLE search_job (
    id       TEXT PRIMARY KEY,
    text     TEXT NOT NULL,
    earliest TEXT NOT NULL, -- as it was asked for, as latest and now
    latest   TEXT NOT NULL,
    now      TEXT NOT NULL,
    who      TEXT NOT NULL,
    began    INTEGER NOT NULL, -- nanoseconds since 1970, as ended
    ended    INTEGER NOT NULL, -- 0 while it runs
    state    TEXT NOT NULL,
    found    INTEGER NOT NULL, -- rows
    looked   INTEGER NOT NULL, -- events
    complete INTEGER NOT NULL,
    message  TEXT NOT NULL
);
CREATE INDEX search_job_began ON search_job (began);
