package rulebook

import (
	"testing"
	"time"
)

// A window that changed is left alone four times as long as the run over it took.
func TestRest(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{0: 200 * time.Millisecond, time.Second: 4 * time.Second,
		time.Hour: time.Minute, 40 * time.Millisecond: 200 * time.Millisecond} {
		if got := rest(took); got != want {
			t.Errorf("%v: %v, want %v", took, got, want)
		}
	}
}

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
