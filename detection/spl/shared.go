package spl

import (
	"fmt"
	"sync"
)

// shared is what searches that are compiled with one Env have in common: many
// look up in the same few tables.
type shared struct {
	mu      sync.Mutex
	finders map[string]*finder // by the table and the columns
	names   map[*Table]string  // fingerprints
}

// Shared is an Env whose searches share what they make of its tables. These are
// not to change any more.
func (env Env) Shared() Env {
	env.shared = &shared{finders: map[string]*finder{}, names: map[*Table]string{}}
	return env
}

// finder looks up in a table by some of its columns.
func (s *shared) finder(t *Table, columns []int) *finder {
	if s == nil {
		return newFinder(t, columns)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprintf("%p %v", t, columns)
	if s.finders[key] == nil {
		s.finders[key] = newFinder(t, columns)
	}
	return s.finders[key]
}

// fingerprint is that of a table.
func (s *shared) fingerprint(t *Table) string {
	if s == nil {
		return t.fingerprint()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[t] == "" {
		s.names[t] = t.fingerprint()
	}
	return s.names[t]
}
