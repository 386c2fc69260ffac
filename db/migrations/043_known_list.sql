-- The list of modules that the user brought, as the file has it.
CREATE TABLE known_list (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    name    TEXT NOT NULL, -- of the file
    content BLOB NOT NULL,
    loaded  INTEGER NOT NULL -- nanoseconds since 1970
);
