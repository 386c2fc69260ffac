package store

import "time"

// HostFile is an import that brought new events of a host.
type HostFile struct {
	ID      int64
	Name    string // as the client gave it
	SHA256  string
	Size    int64
	Events  int64 // new ones of the host
	Created time.Time
}
