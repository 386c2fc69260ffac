-- Blocks of events that could not be read when a rule was run over them.
CREATE TABLE passed_block (
    rule_id TEXT NOT NULL,
    first   INTEGER NOT NULL,
    count   INTEGER NOT NULL, -- records, at most
    PRIMARY KEY (rule_id, first)
) WITHOUT ROWID;
CREATE TRIGGER passed_block_gone AFTER DELETE ON block BEGIN
    DELETE FROM passed_block WHERE first = old.first;
END;
