package store

// Totals is how much a database holds.
type Totals struct{ Imports, Events, Hosts, Findings, Notes int64 }

// Alone is what would go with an import: events that it alone saw, findings
// and hosts that rest on nothing else.
type Alone struct{ Events, Findings, Hosts int64 }
