-- Texts that a note can begin with, beside those that are built in.
CREATE TABLE note_template (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    text     TEXT    NOT NULL,
    revision INTEGER NOT NULL
);
