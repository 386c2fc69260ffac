-- Cases: what an investigation over several hosts comes to. (case is a word of SQL.)
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

-- What was looked at for a case. What it says when the thing itself is gone, or was
-- never on this machine, is its snapshot.
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

-- Questions, what answers them, and by which items.
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

-- One's own texts of recommendations.
CREATE TABLE snippet (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    text     TEXT NOT NULL,
    revision INTEGER NOT NULL
);

-- Pinned evidence: what an event or a finding was when somebody relied on it. It
-- stays when the import goes.
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
);
CREATE INDEX pin_ref ON pin (kind, ref);
CREATE INDEX pin_dest ON pin (dest);
-- The events of a pinned finding.
CREATE TABLE pin_event (
    finding INTEGER NOT NULL REFERENCES pin (id),
    event   INTEGER NOT NULL REFERENCES pin (id),
    PRIMARY KEY (finding, event)
) WITHOUT ROWID;
-- Where a pinned event stood: the file, the offset, and the copy of its bytes.
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

-- Files and records that are kept by what they are.
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

-- Files that somebody attached to a case.
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
