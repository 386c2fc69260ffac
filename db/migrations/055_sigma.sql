-- A document of a file of Sigma rules is kept as a file of its own: line says how many
-- lines of the file stand before it.
ALTER TABLE rule_file ADD COLUMN line INTEGER NOT NULL DEFAULT 0;

-- Rules that are loaded switched off (Sigma's deprecated ones) can be switched on.
ALTER TABLE rule_disabled ADD COLUMN enabled INTEGER NOT NULL DEFAULT 0;
