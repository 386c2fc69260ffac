-- Who changed what, when, from what to what. Rows are added and never changed. Each
-- holds the hash of the one before (db/audit_chain.go); audit_tip has that of the last
-- one, so that it is seen when that is changed or gone.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY, -- from 1 on, without gaps
    at      INTEGER NOT NULL,    -- nanoseconds since 1970
    person  TEXT NOT NULL,       -- '' where it is not known
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,       -- a kind and a name, as in 'host web01'
    field   TEXT NOT NULL,
    old     TEXT NOT NULL,
    new     TEXT NOT NULL,
    address TEXT NOT NULL,
    prev    TEXT NOT NULL        -- in hex
);
CREATE INDEX audit_object ON audit (object);
CREATE TABLE audit_tip (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL, -- of rows
    hash  TEXT    NOT NULL
);
INSERT INTO audit_tip (one, count, hash)
    VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER audit_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not changed');
END;
CREATE TRIGGER audit_removed BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not removed');
END;
CREATE TRIGGER audit_replaced BEFORE INSERT ON audit WHEN new.id <= (SELECT ifnull(max(id), 0) FROM audit) BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not replaced');
END;
CREATE TRIGGER audit_tip_back BEFORE UPDATE ON audit_tip WHEN new.count <= old.count BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;
CREATE TRIGGER audit_tip_removed BEFORE DELETE ON audit_tip BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;
