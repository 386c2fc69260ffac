-- The changes of status of a dest and of its findings, what was set at once as one:
-- what its timeline shows of triage_history.
CREATE TABLE status_step (
    dest   TEXT NOT NULL,
    at     INTEGER NOT NULL,  -- nanoseconds since 1970
    bulk   INTEGER NOT NULL,
    kind   TEXT NOT NULL,     -- of what was changed, 'finding' or 'host'
    new    TEXT NOT NULL,     -- in words
    author TEXT NOT NULL,
    n      INTEGER NOT NULL,  -- findings
    PRIMARY KEY (dest, at, bulk, kind, new)
) WITHOUT ROWID;
INSERT INTO status_step (dest, at, bulk, kind, new, author, n)
    SELECT CASE h.kind WHEN 'host' THEN h.name ELSE f.dest END, h.at, h.bulk, h.kind, h.new, min(h.author), count(*)
    FROM triage_history h LEFT JOIN finding f ON h.kind = 'finding' AND f.key = h.name
    WHERE h.field = 'status' AND (h.kind = 'host' OR f.id IS NOT NULL) GROUP BY 1, 2, 3, 4, 5;
CREATE TRIGGER status_stepped AFTER INSERT ON triage_history WHEN new.field = 'status' BEGIN
    INSERT INTO status_step (dest, at, bulk, kind, new, author, n)
        SELECT dest, new.at, new.bulk, new.kind, new.new, new.author, 1 FROM (
            SELECT new.name AS dest WHERE new.kind = 'host'
            UNION ALL SELECT dest FROM finding WHERE new.kind = 'finding' AND key = new.name)
        WHERE true ON CONFLICT DO UPDATE SET n = n + 1;
END;
