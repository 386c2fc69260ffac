package rulebook

import (
	"testing"
	"time"
)

func TestNextStep(t *testing.T) {
	for _, c := range []struct {
		last int
		took time.Duration
		want int
	}{
		{2048, 200 * time.Millisecond, 2048},
		{2048, 150 * time.Millisecond, 2730},
		{2048, 0, 4096},
		{2048, 300 * time.Millisecond, 1365},
		{2048, time.Hour, 1024},
		{256, time.Hour, 256},
		{1 << 16, 0, 1 << 16},
	} {
		if got := nextStep(c.last, c.took); got != c.want {
			t.Errorf("after %d events in %v: %d, want %d", c.last, c.took, got, c.want)
		}
	}
}
