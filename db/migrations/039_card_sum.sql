-- What was made of the files of rules ends with a checksum now. It is made again.
DELETE FROM rule_card;
