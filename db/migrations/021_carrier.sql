-- The file of another kind in which an import's log was found: a packet capture.
ALTER TABLE import ADD COLUMN carrier TEXT NOT NULL DEFAULT '';
