-- The filter over a block's words carries a checksum (sums.go).
ALTER TABLE block_words ADD COLUMN sum INTEGER;
UPDATE block_words SET sum = row_sum(first, data);
