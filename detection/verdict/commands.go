package verdict

import (
	"slices"
	"sort"
	"time"

	"escutcheon/detection"
)

// ofLogging are the kinds of change to HTTP logging.
const ofLogging = detection.HTTPLoggingOff | detection.HTTPLoggingOn | detection.LoggingChanged

// configured is what the log of the configuration says, by time.
type configured struct {
	modules map[string][]Change // by name
	logging []Change
}

// unfollowed are changes, sorted by time, without what commands say that the log of
// the configuration says too. l learns of the log from its changes.
func (l *Log) unfollowed(changes []Change) []Change {
	if !slices.ContainsFunc(changes, said) {
		return changes
	}
	of := configured{modules: map[string][]Change{}}
	for _, c := range changes {
		if c.Kind&(detection.FromCommand|detection.BadFile) != 0 {
			continue
		}
		l.Saw(c.At)
		if c.Kind&detection.ModuleKinds != 0 {
			of.modules[lower(c.Module)] = append(of.modules[lower(c.Module)], c)
		}
		if c.Kind&ofLogging != 0 {
			of.logging = append(of.logging, c)
		}
	}
	var out []Change
	for _, c := range changes {
		if said(c) {
			if c.Kind&ofLogging != 0 && within(of.logging, c.At) {
				c.Kind &^= ofLogging
			}
			if c.Kind&detection.ModuleKinds != 0 && confirms(of.modules[lower(c.Module)], &c) {
				c.Kind &^= detection.ModuleKinds
			}
			if c.Kind&(ofLogging|detection.ModuleKinds) == 0 {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func said(c Change) bool { return c.Kind&detection.FromCommand != 0 }

// Saw notes that the log has an event at a time; zero: at one that is not known.
func (l *Log) Saw(at time.Time) {
	l.There = true
	if at.IsZero() {
		return
	}
	if l.From.IsZero() || at.Before(l.From) {
		l.From = at
	}
	if at.After(l.To) {
		l.To = at
	}
}

// within says whether a change of the log, which is sorted, follows a command at once.
func within(list []Change, at time.Time) bool {
	i := after(list, at.Add(-seconds-1))
	return i < len(list) && !list[i].At.After(at.Add(apart))
}

// after is the first change behind a time.
func after(list []Change, at time.Time) int {
	return sort.Search(len(list), func(i int) bool { return list[i].At.After(at) })
}

// confirms says whether the log, by its changes to the module that a command names,
// shows what the command says: at once; or the same within the Before after it, or
// it was so already, with the same image.
func confirms(list []Change, c *Change) bool {
	if within(list, c.At) {
		return true
	}
	if !sameImage(list, c.Image) {
		return false
	}
	of := detection.ModuleImage
	for _, sense := range []detection.Kind{adds, removes} {
		if c.Kind&sense != 0 {
			of = sense
		}
	}
	next := after(list, c.At)
	for _, l := range list[next:] {
		if l.Kind&of != 0 && l.At.Sub(c.At) <= Before {
			return true
		}
	}
	for _, l := range slices.Backward(list[:next]) {
		if l.Kind&(adds|removes|of) != 0 && l.Kind&detection.Unsure == 0 {
			return l.Kind&of != 0
		}
	}
	return false
}

// sameImage says whether the log has an image for a module, or none at all, where a
// command names one.
func sameImage(list []Change, image string) bool {
	key, has := detection.ImageKey(image), false
	for _, l := range list {
		if l.Image != "" {
			if has = true; detection.ImageKey(l.Image) == key {
				return true
			}
		}
	}
	return image == "" || !has
}

// says is what is said of a change at a time that a command alone says.
func (l *Log) says(at time.Time) string {
	switch {
	case !l.There:
		return "A command line says so; the configuration log is not among these logs."
	case l.From.IsZero() || at.IsZero():
		return "A command line says so; the configuration log shows no such change."
	case at.Before(l.From.Truncate(time.Second)) || !at.Before(l.To.Truncate(time.Second).Add(time.Second)):
		return "A command line says so; the configuration log among these logs does not cover that moment."
	}
	return "A command line says so; the configuration log covers that moment and shows no such change."
}
