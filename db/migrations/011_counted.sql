-- What 005_aggregate.sql counts of findings and risk events that come, without
-- DO UPDATE: for that SQLite keeps a copy of each page that the statement
-- changes.

DROP TRIGGER risk_event_came;
CREATE TRIGGER risk_event_came AFTER INSERT ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_count (rule_id, n) VALUES (new.rule_id, 0) ON CONFLICT DO NOTHING;
    UPDATE risk_count SET n = n + 1 WHERE rule_id = new.rule_id;
END;

DROP TRIGGER finding_came;
CREATE TRIGGER finding_came AFTER INSERT ON finding WHEN new.verdict <= 1 BEGIN
    INSERT INTO finding_count (rule_id, dest, n, suppressed) VALUES (new.rule_id, new.dest, 0, 0) ON CONFLICT DO NOTHING;
    UPDATE finding_count SET n = n + 1, suppressed = suppressed + (new.verdict = 1)
        WHERE rule_id = new.rule_id AND dest = new.dest;
    INSERT INTO host_change (dest, rule_id, as_of, until, words) VALUES (new.dest, '', 0, -9223372036854775808, '')
        ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
