-- The rules that run, and what they were compiled from. A rule is in here as
-- long as it is enabled.
DROP TABLE rule;
CREATE TABLE rule (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    digest TEXT NOT NULL,   -- of its text and search without its filter
    filter TEXT NOT NULL,   -- digest of its search with its filter
    cursor INTEGER          -- it was run over the stored events up to this one; NULL: over all
) WITHOUT ROWID;

-- Counted up whenever the rules, their filters or the settings change, so that
-- another process on this database notices.
CREATE TABLE ruleset (version INTEGER NOT NULL);
INSERT INTO ruleset VALUES (1);

-- The files of the rules that were loaded: YAML, macros, tables of lookups.
CREATE TABLE rule_file (
    path    TEXT PRIMARY KEY, -- as it was given: data
    kind    TEXT NOT NULL,
    content BLOB NOT NULL,
    loaded  INTEGER NOT NULL
) WITHOUT ROWID;

-- Rules that somebody switched off.
CREATE TABLE rule_disabled (
    id     TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    at     INTEGER NOT NULL
) WITHOUT ROWID;

-- Every filter that a rule ever had. The newest one holds, until it expires;
-- an empty expression lets everything through.
CREATE TABLE rule_filter (
    id         INTEGER PRIMARY KEY,
    rule_id    TEXT NOT NULL,
    expression TEXT NOT NULL,
    reason     TEXT NOT NULL,
    author     TEXT NOT NULL,
    created    INTEGER NOT NULL,
    expires    INTEGER            -- NULL: never
);
CREATE INDEX rule_filter_rule ON rule_filter (rule_id, id);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Findings of rules whose last commands need all rows at once: a group is a
-- finding that is in no row of its own (verdict 2) or in one (0, 1); a made row
-- is one of several groups.
ALTER TABLE finding ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
CREATE INDEX finding_rule ON finding (rule_id);
CREATE INDEX finding_window_start ON finding_window (start);

-- What a threat came by, as the rule's row has it.
CREATE TABLE threat_object (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL,
    type       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (finding_id, start, type, value)
) WITHOUT ROWID;
CREATE INDEX threat_object_value ON threat_object (value);

DELETE FROM threat_object;
DELETE FROM risk_event;
DELETE FROM finding_window;
DELETE FROM finding_event;
DELETE FROM finding;
DELETE FROM unattributed;
