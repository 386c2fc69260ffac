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

