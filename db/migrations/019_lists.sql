-- Which findings have changed in what lists are filtered and sorted by, in order:
-- who keeps findings in memory reads from where it was. The oldest rows go, the
-- newest one stays.
CREATE TABLE finding_log (
    seq INTEGER PRIMARY KEY,
    id  INTEGER NOT NULL
);
INSERT INTO finding_log (id) SELECT id FROM finding ORDER BY id;

-- What is known of a finding besides what its rule made: the module that it is
-- about and the channel of its events, '' for none. Findings in the log up to the
-- row 'about' have been looked at.
CREATE TABLE finding_about (
    id      INTEGER PRIMARY KEY,
    module  TEXT NOT NULL,
    channel TEXT NOT NULL
);
INSERT INTO sequence (name, last) VALUES ('about', 0);

CREATE TRIGGER finding_log_came AFTER INSERT ON finding BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;
CREATE TRIGGER finding_log_changed AFTER UPDATE OF dest, verdict, count, first, last, change, status ON finding
    WHEN old.count <> new.count OR old.last <> new.last OR old.first <> new.first OR old.verdict <> new.verdict
        OR old.status <> new.status OR old.dest <> new.dest OR old.change <> new.change BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;
CREATE TRIGGER finding_log_went AFTER DELETE ON finding BEGIN
    INSERT INTO finding_log (id) VALUES (old.id);
    DELETE FROM finding_about WHERE id = old.id;
END;
CREATE TRIGGER finding_log_decided AFTER INSERT ON triage WHEN new.kind = 'finding' BEGIN
    INSERT INTO finding_log (id) SELECT id FROM finding WHERE key = new.name;
END;
CREATE TRIGGER finding_log_owned AFTER UPDATE OF owner, urgency ON triage
    WHEN new.kind = 'finding' AND (old.owner <> new.owner OR old.urgency <> new.urgency) BEGIN
    INSERT INTO finding_log (id) SELECT id FROM finding WHERE key = new.name;
END;
CREATE TRIGGER finding_log_known AFTER INSERT ON finding_about BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;

-- Lists as an analyst wants to see them again.
CREATE TABLE saved_view (
    id      INTEGER PRIMARY KEY,
    list    TEXT    NOT NULL, -- 'hosts', 'findings' …
    name    TEXT    NOT NULL,
    query   TEXT    NOT NULL, -- of the list's address
    author  TEXT    NOT NULL,
    created INTEGER NOT NULL, -- nanoseconds since 1970
    UNIQUE (list, name)
);
