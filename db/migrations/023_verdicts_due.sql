-- Of host_change only what says that a verdict is due is left: no page shows what
-- findings come to in words beside the verdict.
DROP TABLE host_fact;
DELETE FROM host_change WHERE rule_id <> '';
UPDATE host_change SET words = '', as_of = 0, until = 9223372036854775807
    WHERE until > -9223372036854775808;
