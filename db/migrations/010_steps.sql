-- The blocks with events that answer in their own way when a search asks for their
-- channel or code (detection.Odd): no rule passes over one of these. Of the blocks
-- up to the record 'odd' nobody looked: they are taken for such. A version that
-- calls more events odd, or decodes more of them so, sets it to the last record.
CREATE TABLE odd_block (first INTEGER PRIMARY KEY);
INSERT INTO sequence (name, last) SELECT 'odd', last FROM sequence WHERE name = 'record';

-- The finding up to which a rule's filter was run over what it found; '': over all.
-- A cursor of -1: what the rule found before is yet to be forgotten.
ALTER TABLE rule ADD COLUMN filtered TEXT NOT NULL DEFAULT '';
