-- Which logs were cleared and which channels switched off is noted, too: the stored events
-- are looked at again.
UPDATE sequence SET last = 0 WHERE name = 'changes';
UPDATE sequence SET last = (SELECT last FROM sequence WHERE name = 'record') WHERE name = 'changes end';

-- A verdict of files says whether the log of the configuration covers what they alone say.
CREATE TRIGGER coverage_grew_files AFTER UPDATE OF spans ON coverage
    WHEN old.spans <> new.spans AND new.channel_id IN (SELECT id FROM channel
            WHERE name = 'Microsoft-IIS-Configuration/Operational' COLLATE NOCASE)
        AND EXISTS (SELECT 1 FROM artifact WHERE dest = (SELECT dest FROM host WHERE id = new.host_id)) BEGIN
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER coverage_came_files AFTER INSERT ON coverage
    WHEN new.channel_id IN (SELECT id FROM channel
            WHERE name = 'Microsoft-IIS-Configuration/Operational' COLLATE NOCASE)
        AND EXISTS (SELECT 1 FROM artifact WHERE dest = (SELECT dest FROM host WHERE id = new.host_id)) BEGIN
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
