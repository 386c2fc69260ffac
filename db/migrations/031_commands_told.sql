-- Of note is also what commands do to HTTP logging: all stored events are looked at
-- again. What commands alone say is told beside the log of the configuration too, and
-- names alone are no proof: all verdicts are made again.
UPDATE sequence SET last = 0 WHERE name = 'changes';
UPDATE sequence SET last = (SELECT last FROM sequence WHERE name = 'record') WHERE name = 'changes end';
UPDATE host_change SET until = -9223372036854775808;

-- A verdict says whether the log of the configuration covers what commands alone say.
CREATE TRIGGER coverage_grew_verdict AFTER UPDATE OF spans ON coverage
    WHEN old.spans <> new.spans AND new.channel_id IN (SELECT id FROM channel
            WHERE name = 'Microsoft-IIS-Configuration/Operational' COLLATE NOCASE)
        AND EXISTS (SELECT 1 FROM change_event WHERE host_id = new.host_id AND kind & 6291456 <> 0) BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = new.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
