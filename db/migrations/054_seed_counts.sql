-- Whether the store counted the rows of the seed's search when it took a version of a
-- block's columns: those that it took before it could, it did not.
ALTER TABLE block_at ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
