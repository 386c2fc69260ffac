package detection

import (
	"strings"

	"escutcheon/detection/spl/value"
)

const (
	minute = 60
	hour   = 60 * minute
)

// Schedule says when ES runs a rule and over what.
type Schedule struct {
	Cron     string
	Earliest string
	Latest   string
	// Risk says that its rows become risk events.
	Risk bool
}

// ScheduleOf is ESCU's default deployment for a type of rule: TTP, Anomaly and
// Correlation (version 6 names the schedule of all these EventBasedDetection) run
// hourly; Hunting, Baseline and others raise no risk.
func ScheduleOf(ruleType string) Schedule {
	s := Schedule{Cron: "0 * * * *", Earliest: "-70m@m", Latest: "-10m@m"}
	switch strings.ToLower(ruleType) {
	case "ttp", "anomaly", "correlation", "eventbaseddetection":
		s.Risk = true
	}
	return s
}

// Window is what one hourly run covers: Start ≤ second < End. It runs at RunAt.
type Window struct{ Start, End, RunAt int64 }

// WindowOf is the window that a second falls into. The run at hour H covers
// H−70 min to H−10 min, so the windows tile time.
func WindowOf(second int64) Window {
	run := value.FloorTo(second+10*minute, hour) + hour
	return Window{Start: run - 70*minute, End: run - 10*minute, RunAt: run}
}
