-- Of note are also what commands do to modules, and files whose hash is publicly
-- known bad (detection.FromCommand, BadFile): all stored events are looked at again.
ALTER TABLE change_event ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX change_event_beside ON change_event (host_id) WHERE kind & 6291456 <> 0;
UPDATE sequence SET last = 0 WHERE name = 'changes';
UPDATE sequence SET last = (SELECT last FROM sequence WHERE name = 'record') WHERE name = 'changes end';

-- A verdict that rests on commands is made again when the log of the configuration
-- comes to be counted, or goes.
CREATE TRIGGER coverage_came_verdict AFTER INSERT ON coverage
    WHEN EXISTS (SELECT 1 FROM change_event WHERE host_id = new.host_id AND kind & 6291456 <> 0) BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = new.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER coverage_went_verdict AFTER DELETE ON coverage
    WHEN EXISTS (SELECT 1 FROM change_event WHERE host_id = old.host_id AND kind & 6291456 <> 0) BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = old.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = old.host_id) AND until > -9223372036854775808;
END;
