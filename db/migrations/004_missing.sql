-- How many records the headers of a log promise at least, beyond those that
-- were read or rejected. Logs imported before were not asked.
ALTER TABLE import ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
