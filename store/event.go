package store

// EventRef is what makes an event one event. Everything else it carries is
// decoded from its bytes (EventBytes).
type EventRef struct {
	ID       int64
	Dest     string // normalised, "" when it names none
	Channel  string
	Provider string
	Code     int64 // event.None when it has none
	Record   int64 // event.None when it has none
	Second   int64
	Nanos    int64 // of the second
	HasTime  bool
	Lost     Lost // the block it lies in, when that is damaged: then only ID is known
}

// EventFilter chooses events: those of one finding, or those that a rule
// matches and that are in none of its rows.
type EventFilter struct {
	Finding string // key
	Rule    string // whose unattributed events, when Finding is ""
	Dest    string // of the unattributed events; "" all
	Open    bool   // of these, those alone of which it is not decided whether the rule matches
	Missing string // the fields they lack; "" any
}
