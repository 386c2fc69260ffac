-- Rows on which an analyst relies carry a checksum over their values (sums.go).
ALTER TABLE finding ADD COLUMN sum INTEGER;
ALTER TABLE finding ADD COLUMN held INTEGER;
ALTER TABLE finding_window ADD COLUMN sum INTEGER;
ALTER TABLE risk_event ADD COLUMN sum INTEGER;
ALTER TABLE risk_week ADD COLUMN sum INTEGER;
ALTER TABLE object_risk ADD COLUMN sum INTEGER;
ALTER TABLE triage ADD COLUMN sum INTEGER;
ALTER TABLE triage_history ADD COLUMN sum INTEGER;

-- As it was, but for the checksum: that changes nothing of the risk.
DROP TRIGGER risk_event_changed;
CREATE TRIGGER risk_event_changed AFTER UPDATE OF finding_id, start, object_type, object, rule_id, score, message, count,
    second ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (old.object_type, old.object,
        CASE WHEN old.second > 0 THEN (old.second + 3599) / 3600 ELSE old.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
END;

UPDATE finding SET sum = row_sum(key, rule_id, dest, row, verdict, count, first, last, change),
    held = row_sum(by_key, state, made, windows);
UPDATE finding_window SET sum = row_sum(finding_id, start, state, count, first, last, change);
UPDATE risk_event SET sum = row_sum(finding_id, start, object_type, object, rule_id, score, message, count, second);
UPDATE risk_week SET sum = row_sum(object_type, week, object, tiles);
UPDATE object_risk SET sum = row_sum(object_type, object, rule_id, score, events, rules, severity, first, last, as_of,
    live);
UPDATE triage SET sum = row_sum(kind, name, status, disposition, urgency, owner, revision, author, at, reopened, closed);
UPDATE triage_history SET sum = row_sum(bulk, kind, name, revision, author, at, field, old, new, why, address);
