-- Modules that somebody marked as known: by name and image in one form, as host_module has
-- them, and by the hash of their file where that was known.
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
