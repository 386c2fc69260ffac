-- A name of a host that an analyst said is another one's: dest is shown with main.
-- Nothing else says so, and what is undone stays as a row with "undone".
CREATE TABLE host_alias (
    id      INTEGER PRIMARY KEY,
    dest    TEXT NOT NULL,
    main    TEXT NOT NULL,
    author  TEXT NOT NULL,
    created INTEGER NOT NULL,
    undoer  TEXT NOT NULL DEFAULT '',
    undone  INTEGER
);
CREATE UNIQUE INDEX host_alias_dest ON host_alias (dest) WHERE undone IS NULL;
CREATE INDEX host_alias_main ON host_alias (main) WHERE undone IS NULL;

-- The files that brought a host's events are asked for on its page.
CREATE INDEX import_host_host ON import_host (host_id, import_id);
