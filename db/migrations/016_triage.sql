-- What analysts decided about a finding (by its key, which survives a rebuild) or
-- a host (by its dest). There is a row once somebody decided anything.
CREATE TABLE triage (
    kind        TEXT NOT NULL,    -- 'finding' or 'host'
    name        TEXT NOT NULL,
    status      INTEGER NOT NULL, -- these three as package triage numbers them
    disposition INTEGER NOT NULL,
    urgency     INTEGER NOT NULL,
    owner       TEXT NOT NULL,    -- '' for nobody
    revision    INTEGER NOT NULL,
    author      TEXT NOT NULL,    -- of the newest revision; '' where an event reopened it
    at          INTEGER NOT NULL, -- nanoseconds since 1970
    reopened    INTEGER NOT NULL DEFAULT 0, -- an event opened it, and nobody has set a status since
    -- of a finding that is resolved or closed: the newest record when that was set
    closed      INTEGER,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX triage_closed ON triage (closed) WHERE closed IS NOT NULL;

-- Every change of a field, oldest first. A row is never changed or removed.
CREATE TABLE triage_history (
    id       INTEGER PRIMARY KEY,
    bulk     INTEGER NOT NULL,  -- what was set at once has one number
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL,  -- that the change made
    author   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    field    TEXT NOT NULL,     -- 'status', 'disposition', 'urgency' or 'owner'
    old      TEXT NOT NULL,     -- in words
    new      TEXT NOT NULL,
    why      TEXT NOT NULL DEFAULT '', -- 'event 12 joined', 'undo of 7'
    address  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX triage_history_name ON triage_history (kind, name, id);
CREATE INDEX triage_history_bulk ON triage_history (bulk);

-- Of an import that takes the place of one that was done: the newest record of
-- that one, or of the first that was replaced so. What it has is known since then.
ALTER TABLE import ADD COLUMN known INTEGER;
CREATE TRIGGER import_again AFTER INSERT ON import WHEN new.replaces IS NOT NULL BEGIN
    UPDATE import SET known = (SELECT ifnull(o.known, max(
            ifnull((SELECT max(first + count - 1) FROM block WHERE import_id IN (SELECT id FROM import
                WHERE id IN (o.id, o.same_as) OR parent IN (o.id, o.same_as))), 0),
            ifnull((SELECT max(last_event) FROM again WHERE import_id IN (SELECT id FROM import
                WHERE id IN (o.id, o.same_as) OR parent IN (o.id, o.same_as))), 0)))
        FROM import o WHERE o.id = new.replaces AND o.status = 'done') WHERE id = new.id;
END;

-- Events that are known since an older record than their number says: that were
-- deleted, or stored again by a replacement. By the hash of what makes each one
-- event. Kept as long as any finding is closed.
CREATE TABLE known_event (
    hash   BLOB PRIMARY KEY,
    record INTEGER NOT NULL
) WITHOUT ROWID;

-- The status of its triage, for lists.
ALTER TABLE finding ADD COLUMN status INTEGER NOT NULL DEFAULT 0;
-- Those of n that are resolved or closed: not suppressed ones, and suppressed ones.
ALTER TABLE finding_count ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE finding_count ADD COLUMN closed_suppressed INTEGER NOT NULL DEFAULT 0;

DROP INDEX finding_last;
CREATE INDEX finding_last ON finding (rule_id, last, id, first, status);
DROP INDEX finding_dest;
CREATE INDEX finding_dest ON finding (dest, rule_id, last, id, first, change, verdict, status);
DROP INDEX finding_hidden_last;
CREATE INDEX finding_hidden_last ON finding (rule_id, last, first, dest, verdict, status) WHERE verdict <> 0;

-- Which of the triggers on an insertion runs first is open: both may make the row
-- of finding_count.
CREATE TRIGGER finding_known AFTER INSERT ON finding
    WHEN EXISTS (SELECT 1 FROM triage WHERE kind = 'finding' AND name = new.key AND status <> 0) BEGIN
    UPDATE finding SET status = (SELECT status FROM triage WHERE kind = 'finding' AND name = new.key) WHERE id = new.id;
END;
CREATE TRIGGER finding_triaged AFTER UPDATE OF status ON finding
    WHEN (old.status >= 3) <> (new.status >= 3) AND new.verdict <= 1 BEGIN
    INSERT INTO finding_count (rule_id, dest, n, suppressed) VALUES (new.rule_id, new.dest, 0, 0) ON CONFLICT DO NOTHING;
    UPDATE finding_count SET
            closed = closed + (new.verdict = 0) * ((new.status >= 3) - (old.status >= 3)),
            closed_suppressed = closed_suppressed + (new.verdict = 1) * ((new.status >= 3) - (old.status >= 3))
        WHERE rule_id = new.rule_id AND dest = new.dest;
END;
DROP TRIGGER finding_went;
CREATE TRIGGER finding_went AFTER DELETE ON finding WHEN old.verdict <= 1 BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1),
            closed = closed - (old.verdict = 0 AND old.status >= 3),
            closed_suppressed = closed_suppressed - (old.verdict = 1 AND old.status >= 3)
        WHERE rule_id = old.rule_id AND dest = old.dest;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = old.dest AND until > -9223372036854775808;
END;
DROP TRIGGER finding_judged;
CREATE TRIGGER finding_judged AFTER UPDATE OF verdict, dest ON finding
    WHEN old.verdict <> new.verdict OR old.dest <> new.dest BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1),
            closed = closed - (old.verdict = 0 AND old.status >= 3),
            closed_suppressed = closed_suppressed - (old.verdict = 1 AND old.status >= 3)
        WHERE old.verdict <= 1 AND rule_id = old.rule_id AND dest = old.dest;
    INSERT INTO finding_count (rule_id, dest, n, suppressed, closed, closed_suppressed)
        SELECT new.rule_id, new.dest, 1, new.verdict = 1, new.verdict = 0 AND new.status >= 3,
            new.verdict = 1 AND new.status >= 3 WHERE new.verdict <= 1
        ON CONFLICT DO UPDATE SET n = n + 1, suppressed = suppressed + excluded.suppressed,
            closed = closed + excluded.closed, closed_suppressed = closed_suppressed + excluded.closed_suppressed;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    INSERT INTO risk_touched (object_type, object, hour) SELECT object_type, object,
        CASE WHEN second > 0 THEN (second + 3599) / 3600 ELSE second / 3600 END
        FROM risk_event WHERE finding_id = new.id ON CONFLICT DO NOTHING;
END;
