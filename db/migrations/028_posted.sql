-- Who sent a rule to the console; '' for one that was read from a file.
ALTER TABLE rule_file ADD COLUMN author TEXT NOT NULL DEFAULT '';
