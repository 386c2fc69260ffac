-- In which line of a text what was rejected begins, from 1 on; 0 is not known.
ALTER TABLE rejected_bytes ADD COLUMN line INTEGER NOT NULL DEFAULT 0;
