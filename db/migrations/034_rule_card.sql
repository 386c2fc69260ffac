-- What was made of the files of rules, so that each is read once (detection.Cards), by
-- a hash of the file.
CREATE TABLE rule_card (
    file BLOB PRIMARY KEY,
    data BLOB NOT NULL
);
