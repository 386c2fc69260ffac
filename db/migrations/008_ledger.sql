-- What a finding comes to in its newest windows stands in its own row; those of
-- older ones, or of older versions, are rows of finding_window.
ALTER TABLE finding ADD COLUMN windows BLOB NOT NULL DEFAULT x'';

-- finding_last begins with the same column.
DROP INDEX IF EXISTS finding_rule;
