-- Who may enter. There are none while accounts are off.
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
