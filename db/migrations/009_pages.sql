-- What the findings of a dest say of changes, as JSON (detection.Facts): what
-- host_change says in words at one as-of, for every one.
CREATE TABLE host_fact (
    dest  TEXT PRIMARY KEY,
    facts TEXT NOT NULL
) WITHOUT ROWID;
UPDATE host_change SET until = -9223372036854775808;
-- Changes when the risk events that a row is made of do.
ALTER TABLE object_risk ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
UPDATE object_risk SET made = random() | 1;


-- How many findings of a dest that are not suppressed have a threat object.
CREATE TABLE threat_count (
    value TEXT NOT NULL,
    type  TEXT NOT NULL,
    dest  TEXT NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (value, type, dest)
) WITHOUT ROWID;
CREATE INDEX threat_count_dest ON threat_count (dest, n);
INSERT INTO threat_count (value, type, dest, n)
    SELECT t.value, t.type, f.dest, count(DISTINCT f.id) FROM threat_object t
    JOIN finding f ON f.id = t.finding_id AND f.verdict = 0 GROUP BY t.value, t.type, f.dest;
CREATE TRIGGER threat_came AFTER INSERT ON threat_object WHEN NOT EXISTS (SELECT 1 FROM threat_object t
    INDEXED BY threat_object_value WHERE t.value = new.value AND t.finding_id = new.finding_id AND t.type = new.type
        AND t.start <> new.start) BEGIN
    INSERT INTO threat_count (value, type, dest, n)
        SELECT new.value, new.type, dest, 1 FROM finding WHERE id = new.finding_id AND verdict = 0
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER threat_went AFTER DELETE ON threat_object WHEN NOT EXISTS (SELECT 1 FROM threat_object t
    INDEXED BY threat_object_value WHERE t.value = old.value AND t.finding_id = old.finding_id AND t.type = old.type) BEGIN
    UPDATE threat_count SET n = n - 1 WHERE value = old.value AND type = old.type
        AND dest = (SELECT dest FROM finding WHERE id = old.finding_id AND verdict = 0);
    DELETE FROM threat_count WHERE value = old.value AND type = old.type AND n = 0
        AND dest = (SELECT dest FROM finding WHERE id = old.finding_id);
END;
CREATE TRIGGER threat_judged AFTER UPDATE OF verdict, dest ON finding
    WHEN (old.verdict = 0) <> (new.verdict = 0) OR old.dest <> new.dest BEGIN
    UPDATE threat_count SET n = n - 1 WHERE old.verdict = 0 AND dest = old.dest
        AND (value, type) IN (SELECT value, type FROM threat_object WHERE finding_id = new.id);
    DELETE FROM threat_count WHERE dest = old.dest AND n = 0;
    INSERT INTO threat_count (value, type, dest, n)
        SELECT DISTINCT value, type, new.dest, 1 FROM threat_object WHERE finding_id = new.id AND new.verdict = 0
        ON CONFLICT DO UPDATE SET n = n + 1;
END;

-- Changes with any row of object_risk.
ALTER TABLE risk_clock ADD COLUMN made INTEGER NOT NULL DEFAULT 0;

CREATE INDEX risk_week_object ON risk_week (object_type, object);

-- Findings that are not shown.
CREATE INDEX finding_hidden ON finding (id) WHERE verdict <> 0;
CREATE INDEX finding_hidden_last ON finding (rule_id, last, first, dest, verdict) WHERE verdict <> 0;

-- With first, a list from one moment to another is counted by it.
DROP INDEX finding_last;
CREATE INDEX finding_last ON finding (rule_id, last, id, first);

-- With these, what changed on a host is read from it where that is nothing of note.
DROP INDEX finding_dest;
CREATE INDEX finding_dest ON finding (dest, rule_id, last, id, first, change, verdict);
