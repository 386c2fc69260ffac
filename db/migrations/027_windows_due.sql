-- Windows that rules which need all events of one (join, append, subsearches) are
-- yet to be run over. turn is another number with each change of what one holds.
CREATE TABLE window_due (
    rule_id TEXT    NOT NULL,
    start   INTEGER NOT NULL, -- second
    turn    INTEGER NOT NULL,
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
CREATE INDEX window_due_start ON window_due (start);
