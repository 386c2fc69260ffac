-- What lists and pages show of risk, kept beside the risk events: made again of
-- what changed at the end of each transaction. An hour is a number: hour n is
-- (3600·(n − 1), 3600·n] in seconds, a week 168 of them.

-- What of risk_event the tables below do not say yet.
CREATE TABLE risk_touched (
    object_type TEXT NOT NULL,
    object      TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    PRIMARY KEY (object_type, object, hour)
) WITHOUT ROWID;

-- The risk events of an object in a week, by hour, run, rule and message
-- (tiles.go); those of suppressed findings are not among them.
CREATE TABLE risk_week (
    object_type TEXT NOT NULL,
    week        INTEGER NOT NULL,
    object      TEXT NOT NULL,
    tiles       BLOB NOT NULL,
    PRIMARY KEY (object_type, week, object)
) WITHOUT ROWID;

-- The risk of an object at its own as-of: by all rules ('') or by one.
CREATE TABLE object_risk (
    object_type TEXT NOT NULL,
    object      TEXT NOT NULL,
    rule_id     TEXT NOT NULL,
    host_id     INTEGER NOT NULL, -- of a system; 0: no log is of it
    score       INTEGER NOT NULL, -- in the period up to as_of, as are events, rules and severity
    events      INTEGER NOT NULL,
    rules       INTEGER NOT NULL,
    severity    INTEGER NOT NULL,
    first       INTEGER NOT NULL, -- second of its first and newest risk event
    last        INTEGER NOT NULL,
    as_of       INTEGER NOT NULL,
    live        INTEGER NOT NULL, -- 1: as_of is the moment at which the row was made
    since       INTEGER NOT NULL, -- the row holds at since <= now < until
    until       INTEGER NOT NULL,
    PRIMARY KEY (object_type, object, rule_id)
) WITHOUT ROWID;
CREATE INDEX object_risk_score ON object_risk (object_type, rule_id, score, host_id, object, severity, live, until);
CREATE INDEX object_risk_due ON object_risk (until, object_type, rule_id) WHERE until < 9223372036854775807;

-- The newest since. A clock that was behind it finds rows that do not hold yet.
CREATE TABLE risk_clock (since INTEGER NOT NULL);
INSERT INTO risk_clock VALUES (-9223372036854775808);

-- How many findings of a rule a dest has, the suppressed ones with them, and
-- how many risk events a rule has.
CREATE TABLE finding_count (
    rule_id    TEXT NOT NULL,
    dest       TEXT NOT NULL,
    n          INTEGER NOT NULL,
    suppressed INTEGER NOT NULL,
    PRIMARY KEY (rule_id, dest)
) WITHOUT ROWID;
CREATE INDEX finding_count_dest ON finding_count (dest);
CREATE TABLE risk_count (rule_id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

-- What the findings of a dest come to in words, by all rules ('') or by one: in
-- the period up to as_of or, where as_of was the moment at which they were made
-- (live), to any second with as_of <= second < until. They are to be made again
-- from until on.
CREATE TABLE host_change (
    dest    TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    as_of   INTEGER NOT NULL,
    live    INTEGER NOT NULL DEFAULT 0,
    until   INTEGER NOT NULL,
    words   TEXT NOT NULL,
    PRIMARY KEY (dest, rule_id)
) WITHOUT ROWID;
CREATE INDEX host_change_due ON host_change (until, dest) WHERE rule_id = '' AND until < 9223372036854775807;

INSERT INTO host_change (dest, rule_id, as_of, until, words)
    SELECT DISTINCT dest, '', 0, -9223372036854775808, '' FROM finding;
INSERT INTO finding_count (rule_id, dest, n, suppressed)
    SELECT rule_id, dest, count(*), sum(verdict = 1) FROM finding WHERE verdict <= 1 GROUP BY rule_id, dest;
INSERT INTO risk_count (rule_id, n) SELECT rule_id, count(*) FROM risk_event GROUP BY rule_id;
INSERT INTO risk_touched (object_type, object, hour)
    SELECT DISTINCT object_type, object, CASE WHEN second > 0 THEN (second + 3599) / 3600 ELSE second / 3600 END
    FROM risk_event;

CREATE TRIGGER risk_event_came AFTER INSERT ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_count (rule_id, n) VALUES (new.rule_id, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER risk_event_went AFTER DELETE ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (old.object_type, old.object,
        CASE WHEN old.second > 0 THEN (old.second + 3599) / 3600 ELSE old.second / 3600 END) ON CONFLICT DO NOTHING;
    UPDATE risk_count SET n = n - 1 WHERE rule_id = old.rule_id;
END;
CREATE TRIGGER risk_event_changed AFTER UPDATE ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (old.object_type, old.object,
        CASE WHEN old.second > 0 THEN (old.second + 3599) / 3600 ELSE old.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER finding_came AFTER INSERT ON finding WHEN new.verdict <= 1 BEGIN
    INSERT INTO finding_count (rule_id, dest, n, suppressed) VALUES (new.rule_id, new.dest, 1, new.verdict = 1)
        ON CONFLICT DO UPDATE SET n = n + 1, suppressed = suppressed + excluded.suppressed;
    INSERT INTO host_change (dest, rule_id, as_of, until, words) VALUES (new.dest, '', 0, -9223372036854775808, '')
        ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
CREATE TRIGGER finding_went AFTER DELETE ON finding WHEN old.verdict <= 1 BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1)
        WHERE rule_id = old.rule_id AND dest = old.dest;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = old.dest AND until > -9223372036854775808;
END;
CREATE TRIGGER finding_judged AFTER UPDATE OF verdict, dest ON finding
    WHEN old.verdict <> new.verdict OR old.dest <> new.dest BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1)
        WHERE old.verdict <= 1 AND rule_id = old.rule_id AND dest = old.dest;
    INSERT INTO finding_count (rule_id, dest, n, suppressed)
        SELECT new.rule_id, new.dest, 1, new.verdict = 1 WHERE new.verdict <= 1
        ON CONFLICT DO UPDATE SET n = n + 1, suppressed = suppressed + excluded.suppressed;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    INSERT INTO risk_touched (object_type, object, hour) SELECT object_type, object,
        CASE WHEN second > 0 THEN (second + 3599) / 3600 ELSE second / 3600 END
        FROM risk_event WHERE finding_id = new.id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER finding_changed AFTER UPDATE OF verdict, dest, row, change, first, last ON finding BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT new.dest, '', 0, -9223372036854775808, '' WHERE new.dest <> old.dest ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest IN (old.dest, new.dest) AND until > -9223372036854775808;
END;

CREATE TRIGGER host_came AFTER INSERT ON host BEGIN
    UPDATE object_risk SET host_id = new.id WHERE object_type = 'system' AND object = new.dest;
END;
CREATE TRIGGER host_went AFTER DELETE ON host BEGIN
    UPDATE object_risk SET host_id = 0 WHERE object_type = 'system' AND object = old.dest;
END;

-- Lists of findings are of a rule, of a dest, or of both; newest first.
DROP INDEX finding_dest;
DROP INDEX finding_rule;
CREATE INDEX finding_dest ON finding (dest, rule_id, last, id);
