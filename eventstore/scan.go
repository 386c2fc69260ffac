package eventstore

import "escutcheon/eventstore/blockscan"

// ErrStop ends a scan early, without an error.
var ErrStop = blockscan.ErrStop
