-- Where a module of a name was changed first, over all hosts.
CREATE INDEX change_event_module ON change_event (module COLLATE NOCASE, nanos) WHERE module <> '';
