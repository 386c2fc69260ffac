-- The number that a note had where it was imported from, if another one has it here.
ALTER TABLE note ADD COLUMN origin INTEGER;
CREATE INDEX note_origin ON note (origin) WHERE origin IS NOT NULL;
