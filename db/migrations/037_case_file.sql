-- Cases that a case file brought: what the machine where it was made told of it.
CREATE TABLE case_brought (
    case_id  INTEGER PRIMARY KEY REFERENCES cases (id),
    file     TEXT    NOT NULL,  -- SHA-256 of the manifest
    exported INTEGER NOT NULL,  -- nanoseconds since 1970
    version  TEXT    NOT NULL,  -- of the program that wrote it
    person   TEXT    NOT NULL,  -- who brought it
    at       INTEGER NOT NULL,
    told     TEXT    NOT NULL,  -- its report, JSON
    pictures TEXT    NOT NULL,  -- JSON: SHA-256 of kept PNG files by dest
    evidence TEXT    NOT NULL   -- JSON: numbers of evidence here by those there, where they differ
);
-- Rows of the audit trails of the machines that it comes from.
CREATE TABLE case_audit (
    case_id INTEGER NOT NULL REFERENCES case_brought (case_id),
    n       INTEGER NOT NULL,
    id      INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    person  TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    field   TEXT NOT NULL,
    old     TEXT NOT NULL,
    new     TEXT NOT NULL,
    address TEXT NOT NULL,
    prev    TEXT NOT NULL,
    hash    TEXT NOT NULL,      -- of this row, as it was there
    PRIMARY KEY (case_id, n)
) WITHOUT ROWID;
-- 1: ref is a number that the event had on another machine.
ALTER TABLE pin ADD COLUMN away INTEGER NOT NULL DEFAULT 0;
