-- Rows and runs of rules whose rows are made of all their groups together, and
-- that are yet to be made (materialize.Due).
CREATE TABLE due (
    rule_id TEXT NOT NULL,
    start   INTEGER NOT NULL, -- the window's; -9223372036854775808: the rows of all time, one more: by new names
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
