package materialize_test

import (
	"testing"

	"escutcheon/detection/materialize/materializetest"
)

func TestMemory(t *testing.T) {
	materializetest.Run(t, func(*testing.T) materializetest.Store { return materializetest.NewMemory() })
}
