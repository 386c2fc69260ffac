// Package materializetest holds what any implementation of materialize.Tx must
// pass, and a plain one in memory. Tests alone use it.
package materializetest

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Store is an implementation at work, empty when it is opened.
type Store interface {
	// Write runs f in one transaction, which is undone where f fails.
	Write(f func(materialize.Tx) error) error
	// Risk is what stands there of a run over a window for a finding.
	Risk(r *detection.Rule, key string, start int64) (Told, error)
	// Lacks are all lacks, by rule and event.
	Lacks() ([]materialize.Lack, error)
}

// Run runs the suite over the stores that open opens.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range contract {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			err := s.Write(func(tx materialize.Tx) error {
				test(t, &contractTest{t, tx, s})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("Anything", func(t *testing.T) { anything(t, open) })
}
