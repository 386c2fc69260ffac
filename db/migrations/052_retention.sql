-- How long events are kept: where the line is, and what went.
ALTER TABLE import ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;   -- events older than the line when they came
CREATE TABLE retention (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    line INTEGER,                           -- second; what is older is not stored when it comes; NULL: all is
    gone INTEGER                            -- second: the latest line there ever was; NULL: there was none
);
INSERT INTO retention (id) VALUES (1);
CREATE TABLE retention_run (
    id      INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,               -- nanoseconds since 1970
    ended   INTEGER,                        -- NULL: under way, or to go on
    line    INTEGER NOT NULL,
    at      INTEGER NOT NULL,               -- first record of the block that was looked at last
    events  INTEGER NOT NULL,               -- that went
    kept    INTEGER NOT NULL,               -- that are older, and something rests on them
    freed   INTEGER NOT NULL,               -- bytes
    damaged INTEGER NOT NULL                -- blocks that cannot be read
);
-- Windows before the line of which all is kept that a rule over whole windows asks for.
CREATE TABLE retained_window (
    rule_id TEXT    NOT NULL,
    start   INTEGER NOT NULL,
    search  TEXT    NOT NULL,               -- hash of the rule's search
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
