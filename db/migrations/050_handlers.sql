-- What was done to handlers is noted, too: the stored events are looked at again.
UPDATE sequence SET last = 0 WHERE name = 'changes';
UPDATE sequence SET last = (SELECT last FROM sequence WHERE name = 'record') WHERE name = 'changes end';
