-- What is not decided of what rules found, or not yet: of a finding's row ('start'
-- is -9223372036854775808), or of what a scheduled run over a window tells of it.
-- Without a key it is of all findings of the rule. Why: 1 its filter, 2 its search
-- took more than it may, 3 it is yet to be made.
CREATE TABLE undecided (
    key     TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    start   INTEGER NOT NULL,
    why     INTEGER NOT NULL,
    PRIMARY KEY (key, rule_id, start)
) WITHOUT ROWID;
CREATE INDEX undecided_rule ON undecided (rule_id, why, start);
CREATE INDEX undecided_pending ON undecided (rule_id, key, start) WHERE why = 3;
CREATE TRIGGER undecided_gone AFTER DELETE ON finding
    BEGIN DELETE FROM undecided WHERE key = old.key; END;

-- Of the events that are in no row, those of which nothing is decided: they lack
-- nothing that has a name.
CREATE INDEX unattributed_undecided ON unattributed (rule_id) WHERE missing = '';
