-- What was seen of each channel of a host (0: none is named): how many events,
-- and when there were any, as packed spans (coverage_rows.go). The rows count the
-- blocks up to the record 'coverage'; those of a host that is behind, up to its
-- cursor: at 0 they say nothing.
CREATE TABLE coverage (
    host_id    INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    events     INTEGER NOT NULL,
    spans      BLOB NOT NULL,
    PRIMARY KEY (host_id, channel_id)
) WITHOUT ROWID;
CREATE TABLE coverage_behind (
    host_id INTEGER PRIMARY KEY,
    cursor  INTEGER NOT NULL
);
INSERT INTO sequence (name, last) VALUES ('coverage', 0);

-- Blocks that came when later ones were counted already: their hosts are counted
-- anew.
CREATE TABLE coverage_late (first INTEGER PRIMARY KEY);
CREATE TRIGGER block_late AFTER INSERT ON block
    WHEN new.first <= (SELECT last FROM sequence WHERE name = 'coverage') BEGIN
    INSERT INTO coverage_late (first) VALUES (new.first) ON CONFLICT DO NOTHING;
END;
