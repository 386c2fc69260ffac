-- As of which change to the decoders records are read (record.Options.Before):
-- those that are stored say what they said, and what rests on them stays true.
CREATE TABLE reading2 (
    id       INTEGER PRIMARY KEY,
    format   TEXT NOT NULL,
    encoding TEXT NOT NULL,
    zone     TEXT NOT NULL,
    computer TEXT NOT NULL,
    dates    TEXT NOT NULL,
    before   INTEGER NOT NULL, -- 0: the newest
    UNIQUE (format, encoding, zone, computer, dates, before)
);
INSERT INTO reading2 SELECT id, format, encoding, zone, computer, dates, 1 FROM reading;
DROP TABLE reading;
ALTER TABLE reading2 RENAME TO reading;
