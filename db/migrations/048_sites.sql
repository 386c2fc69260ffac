-- The site of a web server whose folder a file lay in, as s-sitename has it: two sites of a
-- host may log the same line. '' is none, or was not asked when the file was imported.
ALTER TABLE import ADD COLUMN site TEXT NOT NULL DEFAULT '';
