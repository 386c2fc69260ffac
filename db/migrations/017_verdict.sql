-- What events of note say was changed: of modules, ISAPI filters and logging. Events
-- up to the record 'changes' have not been looked at (CatchUp does).
CREATE TABLE change_event (
    event_id INTEGER PRIMARY KEY,
    host_id  INTEGER NOT NULL,
    nanos    INTEGER,          -- since 1970; NULL: no time
    kind     INTEGER NOT NULL, -- bits
    module   TEXT NOT NULL,
    image    TEXT NOT NULL,
    scope    TEXT NOT NULL,
    account  TEXT NOT NULL     -- or SID
);
CREATE INDEX change_event_host ON change_event (host_id, nanos);
INSERT INTO sequence (name, last) SELECT 'changes', 0;
INSERT INTO sequence (name, last) SELECT 'changes end', last FROM sequence WHERE name = 'record';

-- The verdict of a host over all its logs, made with host_change.
CREATE TABLE host_verdict (
    dest     TEXT PRIMARY KEY,
    gravity  INTEGER NOT NULL,
    module   TEXT NOT NULL, -- of the gravest, in lower case, with its image in one form
    image    TEXT NOT NULL,
    nanos    INTEGER,       -- when that was, since 1970; NULL: no time
    sentence TEXT NOT NULL
) WITHOUT ROWID;

-- Which modules were changed on which hosts.
CREATE TABLE host_module (
    dest   TEXT NOT NULL,
    module TEXT NOT NULL,
    image  TEXT NOT NULL,
    PRIMARY KEY (dest, module, image)
) WITHOUT ROWID;
CREATE TABLE module_count (
    module TEXT NOT NULL,
    image  TEXT NOT NULL,
    hosts  INTEGER NOT NULL,
    PRIMARY KEY (module, image)
) WITHOUT ROWID;
CREATE TRIGGER host_module_came AFTER INSERT ON host_module BEGIN
    INSERT INTO module_count (module, image, hosts) VALUES (new.module, new.image, 0) ON CONFLICT DO NOTHING;
    UPDATE module_count SET hosts = hosts + 1 WHERE module = new.module AND image = new.image;
END;
CREATE TRIGGER host_module_went AFTER DELETE ON host_module BEGIN
    UPDATE module_count SET hosts = hosts - 1 WHERE module = old.module AND image = old.image;
    DELETE FROM module_count WHERE module = old.module AND image = old.image AND hosts = 0;
END;

-- A verdict is made again when what its host changed is other than it was.
CREATE TRIGGER change_event_came AFTER INSERT ON change_event BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = new.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER change_event_went AFTER DELETE ON change_event BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = old.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = old.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER finding_triaged_verdict AFTER UPDATE OF status ON finding
    WHEN (old.status >= 3) <> (new.status >= 3) BEGIN
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
UPDATE host_change SET until = -9223372036854775808;
