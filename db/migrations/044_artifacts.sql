-- Files that a server keeps beside its logs, and what was read of them: its configuration
-- and the versions of it, files of modules, lists of modules.
CREATE TABLE artifact (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    dest      TEXT NOT NULL,    -- the host, normalised; '' not known
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,    -- under which it was brought: data, never a path
    path      TEXT NOT NULL,    -- that it had on its server
    serial    INTEGER NOT NULL, -- of a version of the configuration; 0: it is none
    modified  INTEGER,          -- nanoseconds since 1970; NULL: not known
    zoneless  INTEGER NOT NULL, -- that is by a clock whose zone was answered, or taken for UTC
    sha256    TEXT NOT NULL,
    sha1      TEXT NOT NULL,
    size      INTEGER NOT NULL,
    problem   TEXT NOT NULL,
    facts     BLOB NOT NULL,    -- JSON, compressed
    text      BLOB NOT NULL,    -- without its secrets, compressed; x'' of a module file
    sum       INTEGER
);
CREATE INDEX artifact_dest ON artifact (dest, kind);
CREATE INDEX artifact_import ON artifact (import_id);
CREATE INDEX artifact_sha256 ON artifact (sha256);

-- The modules, filters and handlers that a configuration names: by name and image in one
-- form, as host_module has those of changes.
CREATE TABLE artifact_module (
    module      TEXT NOT NULL,
    image       TEXT NOT NULL,
    artifact_id INTEGER NOT NULL,
    PRIMARY KEY (module, image, artifact_id)
) WITHOUT ROWID;
CREATE INDEX artifact_module_of ON artifact_module (artifact_id);

-- When a file was written last, as its archive has it: nanoseconds since 1970, by a clock
-- of which it does not say where it stood (local).
ALTER TABLE import ADD COLUMN written INTEGER;
ALTER TABLE import ADD COLUMN written_local INTEGER NOT NULL DEFAULT 0;

-- Which list of what is read an import was made by: an archive that an older one went
-- through holds files that it did not know.
ALTER TABLE import ADD COLUMN reads INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER artifact_came AFTER INSERT ON artifact WHEN new.dest <> '' BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words) VALUES (new.dest, '', 0, -9223372036854775808, '')
        ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
CREATE TRIGGER artifact_moved AFTER UPDATE OF dest ON artifact WHEN old.dest <> new.dest BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT new.dest, '', 0, -9223372036854775808, '' WHERE new.dest <> '' ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest IN (old.dest, new.dest) AND until > -9223372036854775808;
END;
CREATE TRIGGER artifact_went AFTER DELETE ON artifact BEGIN
    DELETE FROM artifact_module WHERE artifact_id = old.id;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = old.dest AND until > -9223372036854775808;
END;
