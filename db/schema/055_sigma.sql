-- What the migrations make of an empty database: go test ./db -run TestSchema -update
CREATE TABLE host (
    id       INTEGER PRIMARY KEY,
    dest     TEXT NOT NULL UNIQUE,
    spelling TEXT NOT NULL,
    first    INTEGER, -- second of its first and newest event, NULL when it has none with a time
    last     INTEGER,
    events   INTEGER NOT NULL DEFAULT 0
, mixed INTEGER NOT NULL DEFAULT 1, stale INTEGER NOT NULL DEFAULT 0);
CREATE TABLE channel  (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE provider (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE import (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,          -- as the client gave it: data, never a path
    sha256     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    source     TEXT NOT NULL,          -- 'upload', 'command line' or 'demo'
    path       TEXT NOT NULL DEFAULT '', -- where its bytes are while it runs
    owner      TEXT NOT NULL DEFAULT '', -- the process that runs it
    zone       TEXT NOT NULL,
    computer   TEXT NOT NULL,
    format     TEXT NOT NULL DEFAULT '',
    encoding   TEXT NOT NULL DEFAULT '',
    status     TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '', -- why it failed, as a sentence
    created    INTEGER NOT NULL,
    started    INTEGER,
    finished   INTEGER,
    beat       INTEGER NOT NULL DEFAULT 0, -- when its process last gave a sign of life
    bytes      INTEGER NOT NULL DEFAULT 0, -- of the file, consumed so far
    records    INTEGER NOT NULL DEFAULT 0, -- what the decoder returned and is stored: a restart skips as many
    read       INTEGER NOT NULL DEFAULT 0,
    new        INTEGER NOT NULL DEFAULT 0,
    duplicate  INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    timeless   INTEGER NOT NULL DEFAULT 0, -- new events without a time
    nameless   INTEGER NOT NULL DEFAULT 0, -- new events without a computer name
    zoneless   INTEGER NOT NULL DEFAULT 0  -- events whose time was read in the zone asked for
, dates TEXT NOT NULL DEFAULT '', compression TEXT NOT NULL DEFAULT '', parent INTEGER, ordinal INTEGER NOT NULL DEFAULT 0, ask INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', same_as INTEGER, replaces INTEGER, undated INTEGER NOT NULL DEFAULT 0, windows1252 INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, known INTEGER, carrier TEXT NOT NULL DEFAULT '', written INTEGER, written_local INTEGER NOT NULL DEFAULT 0, reads INTEGER NOT NULL DEFAULT 0, site TEXT NOT NULL DEFAULT '', expired INTEGER NOT NULL DEFAULT 0);
CREATE INDEX import_status ON import (status);
CREATE TABLE rejection (
    import_id INTEGER NOT NULL REFERENCES import (id),
    n         INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    sample    BLOB NOT NULL, length INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (import_id, n)
) WITHOUT ROWID;
CREATE TABLE import_host (
    import_id INTEGER NOT NULL REFERENCES import (id),
    host_id   INTEGER NOT NULL REFERENCES host (id),
    events    INTEGER NOT NULL,
    PRIMARY KEY (import_id, host_id)
) WITHOUT ROWID;
CREATE TABLE ordinal (
    import_id INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (import_id, digest)
) WITHOUT ROWID;
CREATE TABLE finding (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE,  -- hash of the rule and the BY values: the same in every database
    rule_id  TEXT NOT NULL,
    dest     TEXT NOT NULL,         -- normalised
    by_key   TEXT NOT NULL,         -- JSON array of the BY values
    state    TEXT NOT NULL,         -- of the aggregates
    row      TEXT NOT NULL,         -- JSON array of the values, in the order of the rule's columns
    sort     BLOB NOT NULL,         -- the same values, so encoded that bytes sort as rows do
    verdict  INTEGER NOT NULL,      -- 0 a row, 1 suppressed by the rule's filter, 2 removed by the search
    count    INTEGER NOT NULL,      -- events
    first    INTEGER NOT NULL,      -- second of the first and last event
    last     INTEGER NOT NULL,
    change   INTEGER NOT NULL       -- kinds of configuration change seen, a bit set
, made INTEGER NOT NULL DEFAULT 0, windows BLOB NOT NULL DEFAULT x'', status INTEGER NOT NULL DEFAULT 0, sum INTEGER, held INTEGER);
CREATE TABLE unattributed (
    rule_id  TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    dest     TEXT NOT NULL,
    missing  TEXT NOT NULL,
    PRIMARY KEY (rule_id, event_id)
) WITHOUT ROWID;
CREATE TABLE note (
    id       INTEGER PRIMARY KEY,
    dest     TEXT NOT NULL,
    finding  TEXT NOT NULL DEFAULT '', -- finding.key, which survives a rebuild
    author   TEXT NOT NULL,           -- of the first revision
    editor   TEXT NOT NULL,           -- of the newest
    created  INTEGER NOT NULL,
    edited   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    text     TEXT NOT NULL,
    deleted  INTEGER NOT NULL DEFAULT 0
, origin INTEGER);
CREATE INDEX note_dest ON note (dest, id);
CREATE TABLE note_revision (
    note_id  INTEGER NOT NULL REFERENCES note (id),
    revision INTEGER NOT NULL,
    author   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    action   TEXT NOT NULL, -- 'written', 'edited' or 'deleted'
    text     TEXT NOT NULL,
    PRIMARY KEY (note_id, revision)
) WITHOUT ROWID;
CREATE INDEX import_parent ON import (parent) WHERE parent IS NOT NULL;
CREATE INDEX import_sha256 ON import (sha256);
CREATE INDEX import_same ON import (same_as) WHERE same_as IS NOT NULL;
CREATE TABLE sequence (
    name TEXT PRIMARY KEY, -- 'record' or 'import'
    last INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE rejected_bytes (
    import_id INTEGER NOT NULL,
    n         INTEGER NOT NULL, -- of the rejection
    part      INTEGER NOT NULL,
    data      BLOB NOT NULL, line INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (import_id, n, part)
) WITHOUT ROWID;
CREATE INDEX unattributed_event ON unattributed (event_id);
CREATE TABLE finding_event (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL, -- of the event's window
    event_id   INTEGER NOT NULL,
    PRIMARY KEY (finding_id, start, event_id)
) WITHOUT ROWID;
CREATE INDEX finding_event_event ON finding_event (event_id);
CREATE TABLE finding_window (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL,  -- second
    state      TEXT NOT NULL,
    count      INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    change     INTEGER NOT NULL, sum INTEGER,
    PRIMARY KEY (finding_id, start)
) WITHOUT ROWID;
CREATE TABLE risk_event (
    finding_id  INTEGER NOT NULL REFERENCES finding (id),
    start       INTEGER NOT NULL,  -- second at which the window starts
    object_type TEXT NOT NULL,
    object      TEXT NOT NULL,     -- normalised
    rule_id     TEXT NOT NULL,
    score       INTEGER NOT NULL,
    message     TEXT NOT NULL,
    count       INTEGER NOT NULL,  -- events in the window
    second      INTEGER NOT NULL, sum INTEGER,  -- of the last event in the window
    PRIMARY KEY (finding_id, start, object_type, object)
) WITHOUT ROWID;
CREATE INDEX risk_event_object ON risk_event (object, second);
CREATE TABLE rule (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    digest TEXT NOT NULL,   -- of its text and search without its filter
    filter TEXT NOT NULL,   -- digest of its search with its filter
    cursor INTEGER          -- it was run over the stored events up to this one; NULL: over all
, filtered TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE ruleset (version INTEGER NOT NULL);
CREATE TABLE rule_file (
    path    TEXT PRIMARY KEY, -- as it was given: data
    kind    TEXT NOT NULL,
    content BLOB NOT NULL,
    loaded  INTEGER NOT NULL
, author TEXT NOT NULL DEFAULT '', line INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE rule_disabled (
    id     TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    at     INTEGER NOT NULL
, enabled INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE rule_filter (
    id         INTEGER PRIMARY KEY,
    rule_id    TEXT NOT NULL,
    expression TEXT NOT NULL,
    reason     TEXT NOT NULL,
    author     TEXT NOT NULL,
    created    INTEGER NOT NULL,
    expires    INTEGER            -- NULL: never
);
CREATE INDEX rule_filter_rule ON rule_filter (rule_id, id);
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX finding_window_start ON finding_window (start);
CREATE TABLE threat_object (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    start      INTEGER NOT NULL,
    type       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (finding_id, start, type, value)
) WITHOUT ROWID;
CREATE INDEX threat_object_value ON threat_object (value);
CREATE TABLE risk_touched (
    object_type TEXT NOT NULL,
    object      TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    PRIMARY KEY (object_type, object, hour)
) WITHOUT ROWID;
CREATE TABLE risk_week (
    object_type TEXT NOT NULL,
    week        INTEGER NOT NULL,
    object      TEXT NOT NULL,
    tiles       BLOB NOT NULL, sum INTEGER,
    PRIMARY KEY (object_type, week, object)
) WITHOUT ROWID;
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
    until       INTEGER NOT NULL, made INTEGER NOT NULL DEFAULT 0, sum INTEGER,
    PRIMARY KEY (object_type, object, rule_id)
) WITHOUT ROWID;
CREATE INDEX object_risk_score ON object_risk (object_type, rule_id, score, host_id, object, severity, live, until);
CREATE INDEX object_risk_due ON object_risk (until, object_type, rule_id) WHERE until < 9223372036854775807;
CREATE TABLE risk_clock (since INTEGER NOT NULL, made INTEGER NOT NULL DEFAULT 0);
CREATE TABLE finding_count (
    rule_id    TEXT NOT NULL,
    dest       TEXT NOT NULL,
    n          INTEGER NOT NULL,
    suppressed INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0, closed_suppressed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (rule_id, dest)
) WITHOUT ROWID;
CREATE INDEX finding_count_dest ON finding_count (dest);
CREATE TABLE risk_count (rule_id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
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
CREATE TRIGGER risk_event_went AFTER DELETE ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (old.object_type, old.object,
        CASE WHEN old.second > 0 THEN (old.second + 3599) / 3600 ELSE old.second / 3600 END) ON CONFLICT DO NOTHING;
    UPDATE risk_count SET n = n - 1 WHERE rule_id = old.rule_id;
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
CREATE TABLE block (
    first      INTEGER PRIMARY KEY,
    count      INTEGER NOT NULL,
    import_id  INTEGER NOT NULL,
    reading_id INTEGER NOT NULL REFERENCES reading (id),
    size       INTEGER NOT NULL, -- bytes of its records, unpacked
    summary    BLOB NOT NULL     -- what it cannot hold
);
CREATE INDEX block_import ON block (import_id);
CREATE TABLE block_columns (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE block_words (first INTEGER PRIMARY KEY, data BLOB NOT NULL, sum INTEGER);
CREATE TABLE block_bytes (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE again (
    id          INTEGER PRIMARY KEY,
    import_id   INTEGER NOT NULL,
    first_event INTEGER NOT NULL,
    last_event  INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    data        BLOB NOT NULL
);
CREATE INDEX again_event ON again (first_event, last_event, import_id);
CREATE INDEX again_import ON again (import_id);
CREATE TABLE digest (
    digest   BLOB PRIMARY KEY,
    event_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX digest_event ON digest (event_id);
CREATE TABLE bare (first INTEGER PRIMARY KEY);
CREATE TABLE threat_count (
    value TEXT NOT NULL,
    type  TEXT NOT NULL,
    dest  TEXT NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (value, type, dest)
) WITHOUT ROWID;
CREATE INDEX threat_count_dest ON threat_count (dest, n);
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
CREATE INDEX risk_week_object ON risk_week (object_type, object);
CREATE INDEX finding_hidden ON finding (id) WHERE verdict <> 0;
CREATE TABLE odd_block (first INTEGER PRIMARY KEY);
CREATE TRIGGER risk_event_came AFTER INSERT ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_count (rule_id, n) VALUES (new.rule_id, 0) ON CONFLICT DO NOTHING;
    UPDATE risk_count SET n = n + 1 WHERE rule_id = new.rule_id;
END;
CREATE TRIGGER finding_came AFTER INSERT ON finding WHEN new.verdict <= 1 BEGIN
    INSERT INTO finding_count (rule_id, dest, n, suppressed) VALUES (new.rule_id, new.dest, 0, 0) ON CONFLICT DO NOTHING;
    UPDATE finding_count SET n = n + 1, suppressed = suppressed + (new.verdict = 1)
        WHERE rule_id = new.rule_id AND dest = new.dest;
    INSERT INTO host_change (dest, rule_id, as_of, until, words) VALUES (new.dest, '', 0, -9223372036854775808, '')
        ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
CREATE TABLE note_template (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    text     TEXT    NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE triage (
    kind        TEXT NOT NULL,    -- 'finding' or 'host'
    name        TEXT NOT NULL,
    status      INTEGER NOT NULL, -- these three as package triage numbers them
    disposition INTEGER NOT NULL,
    urgency     INTEGER NOT NULL,
    owner       TEXT NOT NULL,    -- '' for nobody
    revision    INTEGER NOT NULL,
    author      TEXT NOT NULL,    -- of the newest revision; '' where an event reopened it
    at          INTEGER NOT NULL, -- nanoseconds since 1970
    reopened    INTEGER NOT NULL DEFAULT 0, -- an event opened it, and nobody has set a status since
    -- of a finding that is resolved or closed: the newest record when that was set
    closed      INTEGER, sum INTEGER,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX triage_closed ON triage (closed) WHERE closed IS NOT NULL;
CREATE TABLE triage_history (
    id       INTEGER PRIMARY KEY,
    bulk     INTEGER NOT NULL,  -- what was set at once has one number
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL,  -- that the change made
    author   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    field    TEXT NOT NULL,     -- 'status', 'disposition', 'urgency' or 'owner'
    old      TEXT NOT NULL,     -- in words
    new      TEXT NOT NULL,
    why      TEXT NOT NULL DEFAULT '', -- 'event 12 joined', 'undo of 7'
    address  TEXT NOT NULL DEFAULT ''
, sum INTEGER);
CREATE INDEX triage_history_name ON triage_history (kind, name, id);
CREATE INDEX triage_history_bulk ON triage_history (bulk);
CREATE TRIGGER import_again AFTER INSERT ON import WHEN new.replaces IS NOT NULL BEGIN
    UPDATE import SET known = (SELECT ifnull(o.known, max(
            ifnull((SELECT max(first + count - 1) FROM block WHERE import_id IN (SELECT id FROM import
                WHERE id IN (o.id, o.same_as) OR parent IN (o.id, o.same_as))), 0),
            ifnull((SELECT max(last_event) FROM again WHERE import_id IN (SELECT id FROM import
                WHERE id IN (o.id, o.same_as) OR parent IN (o.id, o.same_as))), 0)))
        FROM import o WHERE o.id = new.replaces AND o.status = 'done') WHERE id = new.id;
END;
CREATE TABLE known_event (
    hash   BLOB PRIMARY KEY,
    record INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX finding_last ON finding (rule_id, last, id, first, status);
CREATE INDEX finding_dest ON finding (dest, rule_id, last, id, first, change, verdict, status);
CREATE INDEX finding_hidden_last ON finding (rule_id, last, first, dest, verdict, status) WHERE verdict <> 0;
CREATE TRIGGER finding_known AFTER INSERT ON finding
    WHEN EXISTS (SELECT 1 FROM triage WHERE kind = 'finding' AND name = new.key AND status <> 0) BEGIN
    UPDATE finding SET status = (SELECT status FROM triage WHERE kind = 'finding' AND name = new.key) WHERE id = new.id;
END;
CREATE TRIGGER finding_triaged AFTER UPDATE OF status ON finding
    WHEN (old.status >= 3) <> (new.status >= 3) AND new.verdict <= 1 BEGIN
    INSERT INTO finding_count (rule_id, dest, n, suppressed) VALUES (new.rule_id, new.dest, 0, 0) ON CONFLICT DO NOTHING;
    UPDATE finding_count SET
            closed = closed + (new.verdict = 0) * ((new.status >= 3) - (old.status >= 3)),
            closed_suppressed = closed_suppressed + (new.verdict = 1) * ((new.status >= 3) - (old.status >= 3))
        WHERE rule_id = new.rule_id AND dest = new.dest;
END;
CREATE TRIGGER finding_went AFTER DELETE ON finding WHEN old.verdict <= 1 BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1),
            closed = closed - (old.verdict = 0 AND old.status >= 3),
            closed_suppressed = closed_suppressed - (old.verdict = 1 AND old.status >= 3)
        WHERE rule_id = old.rule_id AND dest = old.dest;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = old.dest AND until > -9223372036854775808;
END;
CREATE TRIGGER finding_judged AFTER UPDATE OF verdict, dest ON finding
    WHEN old.verdict <> new.verdict OR old.dest <> new.dest BEGIN
    UPDATE finding_count SET n = n - 1, suppressed = suppressed - (old.verdict = 1),
            closed = closed - (old.verdict = 0 AND old.status >= 3),
            closed_suppressed = closed_suppressed - (old.verdict = 1 AND old.status >= 3)
        WHERE old.verdict <= 1 AND rule_id = old.rule_id AND dest = old.dest;
    INSERT INTO finding_count (rule_id, dest, n, suppressed, closed, closed_suppressed)
        SELECT new.rule_id, new.dest, 1, new.verdict = 1, new.verdict = 0 AND new.status >= 3,
            new.verdict = 1 AND new.status >= 3 WHERE new.verdict <= 1
        ON CONFLICT DO UPDATE SET n = n + 1, suppressed = suppressed + excluded.suppressed,
            closed = closed + excluded.closed, closed_suppressed = closed_suppressed + excluded.closed_suppressed;
    DELETE FROM finding_count WHERE rule_id = old.rule_id AND dest = old.dest AND n = 0;
    INSERT INTO risk_touched (object_type, object, hour) SELECT object_type, object,
        CASE WHEN second > 0 THEN (second + 3599) / 3600 ELSE second / 3600 END
        FROM risk_event WHERE finding_id = new.id ON CONFLICT DO NOTHING;
END;
CREATE TABLE staged (
    import_id INTEGER PRIMARY KEY, -- whose it is: the import itself or, yet to be recorded, a member of it
    root      INTEGER NOT NULL     -- the import that takes a place
);
CREATE INDEX staged_root ON staged (root);
CREATE TABLE staged_block (
    first      INTEGER PRIMARY KEY,
    count      INTEGER NOT NULL,
    import_id  INTEGER NOT NULL,
    reading_id INTEGER NOT NULL REFERENCES reading (id),
    size       INTEGER NOT NULL,
    summary    BLOB NOT NULL
);
CREATE INDEX staged_block_import ON staged_block (import_id);
CREATE TABLE staged_again (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    known     INTEGER NOT NULL,
    data      BLOB NOT NULL
);
CREATE INDEX staged_again_import ON staged_again (import_id);
CREATE TABLE staged_host (
    id   INTEGER PRIMARY KEY,
    dest TEXT NOT NULL UNIQUE
);
CREATE TABLE change_event (
    event_id INTEGER PRIMARY KEY,
    host_id  INTEGER NOT NULL,
    nanos    INTEGER,          -- since 1970; NULL: no time
    kind     INTEGER NOT NULL, -- bits
    module   TEXT NOT NULL,
    image    TEXT NOT NULL,
    scope    TEXT NOT NULL,
    account  TEXT NOT NULL     -- or SID
, hash TEXT NOT NULL DEFAULT '');
CREATE INDEX change_event_host ON change_event (host_id, nanos);
CREATE TABLE host_verdict (
    dest     TEXT PRIMARY KEY,
    gravity  INTEGER NOT NULL,
    module   TEXT NOT NULL, -- of the gravest, in lower case, with its image in one form
    image    TEXT NOT NULL,
    nanos    INTEGER,       -- when that was, since 1970; NULL: no time
    sentence TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE host_module (
    dest   TEXT NOT NULL,
    module TEXT NOT NULL,
    image  TEXT NOT NULL,
    PRIMARY KEY (dest, module, image)
) WITHOUT ROWID;
CREATE TABLE module_count (
    module TEXT NOT NULL,
    image  TEXT NOT NULL,
    hosts  INTEGER NOT NULL,
    PRIMARY KEY (module, image)
) WITHOUT ROWID;
CREATE TRIGGER host_module_came AFTER INSERT ON host_module BEGIN
    INSERT INTO module_count (module, image, hosts) VALUES (new.module, new.image, 0) ON CONFLICT DO NOTHING;
    UPDATE module_count SET hosts = hosts + 1 WHERE module = new.module AND image = new.image;
END;
CREATE TRIGGER host_module_went AFTER DELETE ON host_module BEGIN
    UPDATE module_count SET hosts = hosts - 1 WHERE module = old.module AND image = old.image;
    DELETE FROM module_count WHERE module = old.module AND image = old.image AND hosts = 0;
END;
CREATE TRIGGER change_event_came AFTER INSERT ON change_event BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = new.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER change_event_went AFTER DELETE ON change_event BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = old.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = old.host_id) AND until > -9223372036854775808;
END;
CREATE TRIGGER finding_triaged_verdict AFTER UPDATE OF status ON finding
    WHEN (old.status >= 3) <> (new.status >= 3) BEGIN
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
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
CREATE TABLE coverage_late (first INTEGER PRIMARY KEY);
CREATE TRIGGER block_late AFTER INSERT ON block
    WHEN new.first <= (SELECT last FROM sequence WHERE name = 'coverage') BEGIN
    INSERT INTO coverage_late (first) VALUES (new.first) ON CONFLICT DO NOTHING;
END;
CREATE TABLE finding_log (
    seq INTEGER PRIMARY KEY,
    id  INTEGER NOT NULL
);
CREATE TABLE finding_about (
    id      INTEGER PRIMARY KEY,
    module  TEXT NOT NULL,
    channel TEXT NOT NULL
);
CREATE TRIGGER finding_log_came AFTER INSERT ON finding BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;
CREATE TRIGGER finding_log_changed AFTER UPDATE OF dest, verdict, count, first, last, change, status ON finding
    WHEN old.count <> new.count OR old.last <> new.last OR old.first <> new.first OR old.verdict <> new.verdict
        OR old.status <> new.status OR old.dest <> new.dest OR old.change <> new.change BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;
CREATE TRIGGER finding_log_went AFTER DELETE ON finding BEGIN
    INSERT INTO finding_log (id) VALUES (old.id);
    DELETE FROM finding_about WHERE id = old.id;
END;
CREATE TRIGGER finding_log_decided AFTER INSERT ON triage WHEN new.kind = 'finding' BEGIN
    INSERT INTO finding_log (id) SELECT id FROM finding WHERE key = new.name;
END;
CREATE TRIGGER finding_log_owned AFTER UPDATE OF owner, urgency ON triage
    WHEN new.kind = 'finding' AND (old.owner <> new.owner OR old.urgency <> new.urgency) BEGIN
    INSERT INTO finding_log (id) SELECT id FROM finding WHERE key = new.name;
END;
CREATE TRIGGER finding_log_known AFTER INSERT ON finding_about BEGIN
    INSERT INTO finding_log (id) VALUES (new.id);
END;
CREATE TABLE saved_view (
    id      INTEGER PRIMARY KEY,
    list    TEXT    NOT NULL, -- 'hosts', 'findings' …
    name    TEXT    NOT NULL,
    query   TEXT    NOT NULL, -- of the list's address
    author  TEXT    NOT NULL,
    created INTEGER NOT NULL, -- nanoseconds since 1970
    UNIQUE (list, name)
);
CREATE TABLE host_alias (
    id      INTEGER PRIMARY KEY,
    dest    TEXT NOT NULL,
    main    TEXT NOT NULL,
    author  TEXT NOT NULL,
    created INTEGER NOT NULL,
    undoer  TEXT NOT NULL DEFAULT '',
    undone  INTEGER
);
CREATE UNIQUE INDEX host_alias_dest ON host_alias (dest) WHERE undone IS NULL;
CREATE INDEX host_alias_main ON host_alias (main) WHERE undone IS NULL;
CREATE INDEX import_host_host ON import_host (host_id, import_id);
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
CREATE TRIGGER status_stepped AFTER INSERT ON triage_history WHEN new.field = 'status' BEGIN
    INSERT INTO status_step (dest, at, bulk, kind, new, author, n)
        SELECT dest, new.at, new.bulk, new.kind, new.new, new.author, 1 FROM (
            SELECT new.name AS dest WHERE new.kind = 'host'
            UNION ALL SELECT dest FROM finding WHERE new.kind = 'finding' AND key = new.name)
        WHERE true ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TABLE "reading" (
    id       INTEGER PRIMARY KEY,
    format   TEXT NOT NULL,
    encoding TEXT NOT NULL,
    zone     TEXT NOT NULL,
    computer TEXT NOT NULL,
    dates    TEXT NOT NULL,
    before   INTEGER NOT NULL, -- 0: the newest
    UNIQUE (format, encoding, zone, computer, dates, before)
);
CREATE INDEX change_event_beside ON change_event (host_id) WHERE kind & 6291456 <> 0;
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
CREATE TABLE undecided (
    key     TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    start   INTEGER NOT NULL,
    why     INTEGER NOT NULL,
    PRIMARY KEY (key, rule_id, start)
) WITHOUT ROWID;
CREATE INDEX undecided_rule ON undecided (rule_id, why, start);
CREATE INDEX undecided_pending ON undecided (rule_id, key, start) WHERE why = 3;
CREATE TRIGGER undecided_gone AFTER DELETE ON finding
    BEGIN DELETE FROM undecided WHERE key = old.key; END;
CREATE INDEX unattributed_undecided ON unattributed (rule_id) WHERE missing = '';
CREATE TABLE due (
    rule_id TEXT NOT NULL,
    start   INTEGER NOT NULL, -- the window's; -9223372036854775808: the rows of all time, one more: by new names
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
CREATE TABLE window_due (
    rule_id TEXT    NOT NULL,
    start   INTEGER NOT NULL, -- second
    turn    INTEGER NOT NULL,
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
CREATE INDEX window_due_start ON window_due (start);
CREATE TABLE saved_search (
    id       INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    name     TEXT NOT NULL,
    text     TEXT NOT NULL,
    earliest TEXT NOT NULL,
    latest   TEXT NOT NULL,
    columns  TEXT NOT NULL,
    author   TEXT NOT NULL,
    editor   TEXT NOT NULL,
    created  INTEGER NOT NULL, -- nanoseconds since 1970, as edited
    edited   INTEGER NOT NULL,
    deleted  INTEGER NOT NULL DEFAULT 0 -- 0: it is not
);
CREATE UNIQUE INDEX saved_search_name ON saved_search (name) WHERE deleted = 0;
CREATE TABLE search_job (
    id       TEXT PRIMARY KEY,
    text     TEXT NOT NULL,
    earliest TEXT NOT NULL, -- as it was asked for, as latest and now
    latest   TEXT NOT NULL,
    now      TEXT NOT NULL,
    who      TEXT NOT NULL,
    began    INTEGER NOT NULL, -- nanoseconds since 1970, as ended
    ended    INTEGER NOT NULL, -- 0 while it runs
    state    TEXT NOT NULL,
    found    INTEGER NOT NULL, -- rows
    looked   INTEGER NOT NULL, -- events
    complete INTEGER NOT NULL,
    message  TEXT NOT NULL
);
CREATE INDEX search_job_began ON search_job (began);
CREATE TRIGGER coverage_grew_verdict AFTER UPDATE OF spans ON coverage
    WHEN old.spans <> new.spans AND new.channel_id IN (SELECT id FROM channel
            WHERE name = 'Microsoft-IIS-Configuration/Operational' COLLATE NOCASE)
        AND EXISTS (SELECT 1 FROM change_event WHERE host_id = new.host_id AND kind & 6291456 <> 0) BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT dest, '', 0, -9223372036854775808, '' FROM host WHERE id = new.host_id ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest = (SELECT dest FROM host WHERE id = new.host_id) AND until > -9223372036854775808;
END;
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY, -- from 1 on, without gaps
    at      INTEGER NOT NULL,    -- nanoseconds since 1970
    person  TEXT NOT NULL,       -- '' where it is not known
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,       -- a kind and a name, as in 'host web01'
    field   TEXT NOT NULL,
    old     TEXT NOT NULL,
    new     TEXT NOT NULL,
    address TEXT NOT NULL,
    prev    TEXT NOT NULL        -- in hex
);
CREATE INDEX audit_object ON audit (object);
CREATE TABLE audit_tip (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL, -- of rows
    hash  TEXT    NOT NULL
);
CREATE TRIGGER audit_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not changed');
END;
CREATE TRIGGER audit_removed BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not removed');
END;
CREATE TRIGGER audit_replaced BEFORE INSERT ON audit WHEN new.id <= (SELECT ifnull(max(id), 0) FROM audit) BEGIN
    SELECT raise(ABORT, 'rows of the audit trail are not replaced');
END;
CREATE TRIGGER audit_tip_back BEFORE UPDATE ON audit_tip WHEN new.count <= old.count BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;
CREATE TRIGGER audit_tip_removed BEFORE DELETE ON audit_tip BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;
CREATE TABLE cases (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- its number, ESC-12: never given twice
    uid         TEXT NOT NULL UNIQUE,    -- the same on every machine it is carried to
    origin      TEXT NOT NULL,           -- its number where it was made, '' here
    title       TEXT NOT NULL,
    status      INTEGER NOT NULL,        -- these three as package triage numbers them
    disposition INTEGER NOT NULL,
    severity    INTEGER NOT NULL,
    owner       TEXT NOT NULL,           -- '' for nobody
    verdict     TEXT NOT NULL,           -- in Markdown
    revision    INTEGER NOT NULL,
    author      TEXT NOT NULL,
    created     INTEGER NOT NULL,        -- nanoseconds since 1970, as all times here
    editor      TEXT NOT NULL,           -- of the newest revision
    edited      INTEGER NOT NULL
);
CREATE INDEX cases_edited ON cases (edited, id);
CREATE TABLE case_item (
    id       INTEGER PRIMARY KEY,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    kind     TEXT NOT NULL,              -- 'finding', 'host', 'event' or 'note'
    ref      TEXT NOT NULL,              -- a finding's key, a dest, a pin's uid, a note's number
    pin      INTEGER REFERENCES pin (id), -- of a finding or an event
    why      TEXT NOT NULL,
    snapshot TEXT NOT NULL,              -- JSON
    author   TEXT NOT NULL,
    added    INTEGER NOT NULL,
    UNIQUE (case_id, kind, ref)
);
CREATE INDEX case_item_ref ON case_item (kind, ref);
CREATE INDEX case_item_pin ON case_item (pin) WHERE pin IS NOT NULL;
CREATE TABLE case_question (
    id       INTEGER PRIMARY KEY,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    question TEXT NOT NULL,
    answer   TEXT NOT NULL,              -- '' while it is open; in Markdown
    revision INTEGER NOT NULL,
    author   TEXT NOT NULL,
    created  INTEGER NOT NULL,
    editor   TEXT NOT NULL,
    edited   INTEGER NOT NULL
);
CREATE INDEX case_question_case ON case_question (case_id, id);
CREATE TABLE case_answer (
    question_id INTEGER NOT NULL REFERENCES case_question (id) ON DELETE CASCADE,
    item_id     INTEGER NOT NULL REFERENCES case_item (id) ON DELETE CASCADE,
    PRIMARY KEY (question_id, item_id)
) WITHOUT ROWID;
CREATE INDEX case_answer_item ON case_answer (item_id);
CREATE TABLE case_recommendation (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    text    TEXT NOT NULL,               -- in Markdown
    done    INTEGER NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX case_recommendation_case ON case_recommendation (case_id, id);
CREATE TABLE snippet (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    text     TEXT NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE pin (
    id       INTEGER PRIMARY KEY,
    uid      TEXT NOT NULL UNIQUE,       -- hash of what makes it this event or finding
    kind     TEXT NOT NULL,              -- 'event' or 'finding'
    ref      TEXT NOT NULL,              -- the event's number here when it was pinned, a finding's key
    dest     TEXT NOT NULL,
    at       INTEGER NOT NULL,           -- the time of the event, the last of a finding; 0 without one
    snapshot TEXT NOT NULL,              -- JSON: what it said
    seal     TEXT NOT NULL,              -- SHA-256 over all of it and its copies, in hex
    author   TEXT NOT NULL,
    pinned   INTEGER NOT NULL
, away INTEGER NOT NULL DEFAULT 0);
CREATE INDEX pin_ref ON pin (kind, ref);
CREATE INDEX pin_dest ON pin (dest);
CREATE TABLE pin_event (
    finding INTEGER NOT NULL REFERENCES pin (id),
    event   INTEGER NOT NULL REFERENCES pin (id),
    PRIMARY KEY (finding, event)
) WITHOUT ROWID;
CREATE TABLE pin_copy (
    pin         INTEGER NOT NULL REFERENCES pin (id),
    file_sha256 TEXT NOT NULL,
    offset      INTEGER NOT NULL,
    file_name   TEXT NOT NULL,
    archive     TEXT NOT NULL,           -- SHA-256 of the archive that held the file, ''
    format      TEXT NOT NULL,
    sha256      TEXT NOT NULL,           -- of the record's bytes: kept
    PRIMARY KEY (pin, file_sha256, offset)
) WITHOUT ROWID;
CREATE TABLE kept (
    sha256 TEXT PRIMARY KEY,
    size   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE kept_piece (
    sha256 TEXT NOT NULL REFERENCES kept (sha256),
    n      INTEGER NOT NULL,
    data   BLOB NOT NULL,
    PRIMARY KEY (sha256, n)
);
CREATE TABLE case_file (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    name    TEXT NOT NULL,               -- as the client gave it: data, never a path
    sha256  TEXT NOT NULL REFERENCES kept (sha256),
    why     TEXT NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX case_file_case ON case_file (case_id, id);
CREATE TABLE rule_card (
    file BLOB PRIMARY KEY,
    data BLOB NOT NULL
);
CREATE INDEX note_origin ON note (origin) WHERE origin IS NOT NULL;
CREATE TABLE case_brought (
    case_id  INTEGER PRIMARY KEY REFERENCES cases (id),
    file     TEXT    NOT NULL,  -- SHA-256 of the manifest
    exported INTEGER NOT NULL,  -- nanoseconds since 1970
    version  TEXT    NOT NULL,  -- of the program that wrote it
    person   TEXT    NOT NULL,  -- who brought it
    at       INTEGER NOT NULL,
    told     TEXT    NOT NULL,  -- its report, JSON
    pictures TEXT    NOT NULL,  -- JSON: SHA-256 of kept PNG files by dest
    evidence TEXT    NOT NULL   -- JSON: numbers of evidence here by those there, where they differ
);
CREATE TABLE case_audit (
    case_id INTEGER NOT NULL REFERENCES case_brought (case_id),
    n       INTEGER NOT NULL,
    id      INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    person  TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    field   TEXT NOT NULL,
    old     TEXT NOT NULL,
    new     TEXT NOT NULL,
    address TEXT NOT NULL,
    prev    TEXT NOT NULL,
    hash    TEXT NOT NULL,      -- of this row, as it was there
    PRIMARY KEY (case_id, n)
) WITHOUT ROWID;
CREATE TABLE account (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    role     INTEGER NOT NULL,              -- as package access numbers them
    password TEXT    NOT NULL,              -- argon2id in PHC's form; '': none here
    subject  TEXT    UNIQUE,                -- JSON of issuer and subject, of one that a provider signs in
    disabled INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,              -- sessions of another one have ended
    created  INTEGER NOT NULL,              -- nanoseconds since 1970, as all times here
    seen     INTEGER NOT NULL               -- the last sign-in; 0 none
);
CREATE TABLE session (
    token  TEXT PRIMARY KEY,                -- hash of it
    data   BLOB    NOT NULL,
    expiry INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_expiry ON session (expiry);
CREATE TABLE token (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id),
    name    TEXT    NOT NULL,
    hash    TEXT    NOT NULL UNIQUE,        -- SHA-256 of it
    role    INTEGER NOT NULL,               -- what it may do at most
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER NOT NULL,               -- a day on which it was; 0 never
    revoked INTEGER NOT NULL
);
CREATE INDEX token_account ON token (account, id);
CREATE TRIGGER risk_event_changed AFTER UPDATE OF finding_id, start, object_type, object, rule_id, score, message, count,
    second ON risk_event BEGIN
    INSERT INTO risk_touched (object_type, object, hour) VALUES (old.object_type, old.object,
        CASE WHEN old.second > 0 THEN (old.second + 3599) / 3600 ELSE old.second / 3600 END) ON CONFLICT DO NOTHING;
    INSERT INTO risk_touched (object_type, object, hour) VALUES (new.object_type, new.object,
        CASE WHEN new.second > 0 THEN (new.second + 3599) / 3600 ELSE new.second / 3600 END) ON CONFLICT DO NOTHING;
END;
CREATE TABLE passed_block (
    rule_id TEXT NOT NULL,
    first   INTEGER NOT NULL,
    count   INTEGER NOT NULL, -- records, at most
    PRIMARY KEY (rule_id, first)
) WITHOUT ROWID;
CREATE TRIGGER passed_block_gone AFTER DELETE ON block BEGIN
    DELETE FROM passed_block WHERE first = old.first;
END;
CREATE TABLE known_list (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    name    TEXT NOT NULL, -- of the file
    content BLOB NOT NULL,
    loaded  INTEGER NOT NULL -- nanoseconds since 1970
);
CREATE TABLE artifact (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    dest      TEXT NOT NULL,    -- the host, normalised; '' not known
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,    -- under which it was brought: data, never a path
    path      TEXT NOT NULL,    -- that it had on its server
    serial    INTEGER NOT NULL, -- of a version of the configuration; 0: it is none
    modified  INTEGER,          -- nanoseconds since 1970; NULL: not known
    zoneless  INTEGER NOT NULL, -- that is by a clock whose zone was answered, or taken for UTC
    sha256    TEXT NOT NULL,
    sha1      TEXT NOT NULL,
    size      INTEGER NOT NULL,
    problem   TEXT NOT NULL,
    facts     BLOB NOT NULL,    -- JSON, compressed
    text      BLOB NOT NULL,    -- without its secrets, compressed; x'' of a module file
    sum       INTEGER
);
CREATE INDEX artifact_dest ON artifact (dest, kind);
CREATE INDEX artifact_import ON artifact (import_id);
CREATE INDEX artifact_sha256 ON artifact (sha256);
CREATE TABLE artifact_module (
    module      TEXT NOT NULL,
    image       TEXT NOT NULL,
    artifact_id INTEGER NOT NULL,
    PRIMARY KEY (module, image, artifact_id)
) WITHOUT ROWID;
CREATE INDEX artifact_module_of ON artifact_module (artifact_id);
CREATE TRIGGER artifact_came AFTER INSERT ON artifact WHEN new.dest <> '' BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words) VALUES (new.dest, '', 0, -9223372036854775808, '')
        ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = new.dest AND until > -9223372036854775808;
END;
CREATE TRIGGER artifact_moved AFTER UPDATE OF dest ON artifact WHEN old.dest <> new.dest BEGIN
    INSERT INTO host_change (dest, rule_id, as_of, until, words)
        SELECT new.dest, '', 0, -9223372036854775808, '' WHERE new.dest <> '' ON CONFLICT DO NOTHING;
    UPDATE host_change SET until = -9223372036854775808
        WHERE dest IN (old.dest, new.dest) AND until > -9223372036854775808;
END;
CREATE TRIGGER artifact_went AFTER DELETE ON artifact BEGIN
    DELETE FROM artifact_module WHERE artifact_id = old.id;
    UPDATE host_change SET until = -9223372036854775808 WHERE dest = old.dest AND until > -9223372036854775808;
END;
CREATE TABLE known_mark (
    module  TEXT NOT NULL,
    image   TEXT NOT NULL,
    sha256  TEXT NOT NULL,    -- lower case; '' not known
    name    TEXT NOT NULL,    -- as it was marked
    path    TEXT NOT NULL,    -- its image, as it was marked
    reason  TEXT NOT NULL,
    author  TEXT NOT NULL,
    created INTEGER NOT NULL, -- nanoseconds since 1970
    until   TEXT NOT NULL,    -- the last day in UTC: 2006-01-02
    PRIMARY KEY (module, image, sha256)
) WITHOUT ROWID;
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
CREATE INDEX change_event_module ON change_event (module COLLATE NOCASE, nanos) WHERE module <> '';
CREATE TABLE feed_token (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    hash    TEXT    NOT NULL UNIQUE,        -- SHA-256 of it
    zone    TEXT    NOT NULL,               -- of times without one; '': UTC
    author  TEXT    NOT NULL,
    created INTEGER NOT NULL,               -- nanoseconds since 1970, as all times here
    revoked INTEGER NOT NULL
);
CREATE TABLE feed (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,            -- as package intake names them
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    newest     INTEGER NOT NULL,            -- time of its newest event; 0 none
    deliveries INTEGER NOT NULL,
    repeated   INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    read       INTEGER NOT NULL,
    new        INTEGER NOT NULL,
    rejected   INTEGER NOT NULL, expired INTEGER NOT NULL DEFAULT 0,
    UNIQUE (name, kind)
);
CREATE TABLE feed_day (
    feed_id   INTEGER NOT NULL REFERENCES feed (id),
    day       INTEGER NOT NULL,             -- days since 1970, of UTC
    import_id INTEGER NOT NULL UNIQUE,      -- which may have been deleted
    PRIMARY KEY (feed_id, day)
) WITHOUT ROWID;
CREATE TABLE feed_sent (
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    digest  BLOB    NOT NULL,
    came    INTEGER NOT NULL,
    import_id INTEGER NOT NULL,             -- it is forgotten with it
    PRIMARY KEY (feed_id, digest)
) WITHOUT ROWID;
CREATE INDEX feed_sent_came ON feed_sent (came);
CREATE INDEX feed_sent_import ON feed_sent (import_id);
CREATE TABLE feed_file (
    path     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE event_store (
    address TEXT NOT NULL,
    owner   TEXT NOT NULL
);
CREATE TABLE block_at (
    first   INTEGER PRIMARY KEY,
    columns INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
, counted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE block_gone (
    first INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    since INTEGER NOT NULL, -- seconds since 1970
    PRIMARY KEY (first, at)
) WITHOUT ROWID;
CREATE TABLE retention (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    line INTEGER,                           -- second; what is older is not stored when it comes; NULL: all is
    gone INTEGER                            -- second: the latest line there ever was; NULL: there was none
);
CREATE TABLE retention_run (
    id      INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,               -- nanoseconds since 1970
    ended   INTEGER,                        -- NULL: under way, or to go on
    line    INTEGER NOT NULL,
    at      INTEGER NOT NULL,               -- first record of the block that was looked at last
    events  INTEGER NOT NULL,               -- that went
    kept    INTEGER NOT NULL,               -- that are older, and something rests on them
    freed   INTEGER NOT NULL,               -- bytes
    damaged INTEGER NOT NULL                -- blocks that cannot be read
);
CREATE TABLE retained_window (
    rule_id TEXT    NOT NULL,
    start   INTEGER NOT NULL,
    search  TEXT    NOT NULL,               -- hash of the rule's search
    PRIMARY KEY (rule_id, start)
) WITHOUT ROWID;
CREATE TABLE inbox_mark (
    stream TEXT    PRIMARY KEY,             -- what one ingester put there
    seq    INTEGER NOT NULL,                -- all of it up to here was taken
    seen   INTEGER NOT NULL                 -- when that was noted, nanoseconds since 1970
) WITHOUT ROWID;
CREATE TABLE inbox_taken (
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (stream, seq, n)
) WITHOUT ROWID;
INSERT INTO sequence VALUES ('about', 0);
INSERT INTO sequence VALUES ('changes', 0);
INSERT INTO sequence VALUES ('changes end', 0);
INSERT INTO sequence VALUES ('coverage', 0);
INSERT INTO sequence VALUES ('import', 0);
INSERT INTO sequence VALUES ('odd', 0);
INSERT INTO sequence VALUES ('record', 0);
INSERT INTO sequence VALUES ('store', 1);
INSERT INTO ruleset VALUES (1);
INSERT INTO risk_clock VALUES (-9223372036854775808, 0);
INSERT INTO audit_tip VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO retention VALUES (1, NULL, NULL);
