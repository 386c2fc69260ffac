package rulebook

import (
	"context"
	"sync"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/silence"
	"escutcheon/detection/spl"
	"escutcheon/fault"
)

// SilenceStore is what is asked to say why a rule does not fire.
type SilenceStore interface {
	// EventState is a number that no other state of the stored events has.
	EventState(ctx context.Context) (int64, error)
	// EventKinds counts the stored events of each kind.
	EventKinds(ctx context.Context) (map[silence.Kind]int64, error)
	// LookAtEvents has events looked at that are of a kind that is wanted, one after
	// another, until none is.
	LookAtEvents(ctx context.Context, kinds []silence.Kind, wants func(silence.Kind) bool,
		look func(silence.Kind, spl.Event)) error
	// Lacking counts the events that a rule matches and that lack BY fields, by what
	// they lack.
	Lacking(ctx context.Context, rule string) (map[string]int64, error)
}

// Silences say why each of some rules cannot fire on the stored events, by their
// ids; one against which nothing speaks is not among them. stored says whether
// what the database keeps of a rule is of this one.
func Silences(ctx context.Context, kept SilenceStore, rules []*detection.Rule,
	stored func(*detection.Rule) bool) (map[string][]string, error) {
	counts, err := kept.EventKinds(ctx)
	if err != nil {
		return nil, err
	}
	return silences(ctx, kept, counts, rules, stored)
}

func silences(ctx context.Context, kept SilenceStore, counts map[silence.Kind]int64, rules []*detection.Rule,
	stored func(*detection.Rule) bool) (map[string][]string, error) {
	looks := make([]*silence.Look, len(rules))
	byKind := map[silence.Kind][]*silence.Look{}
	var kinds []silence.Kind
	for i, r := range rules {
		looks[i] = silence.New(r, counts)
	}
	for k := range counts {
		for _, l := range looks {
			if l.Wants(k) {
				byKind[k] = append(byKind[k], l)
			}
		}
		if len(byKind[k]) > 0 {
			kinds = append(kinds, k)
		}
	}
	wants := func(k silence.Kind) bool {
		for len(byKind[k]) > 0 && !byKind[k][0].Wants(k) {
			byKind[k] = byKind[k][1:]
		}
		return len(byKind[k]) > 0
	}
	err := kept.LookAtEvents(ctx, kinds, wants, func(k silence.Kind, e spl.Event) {
		for _, l := range byKind[k] {
			if l.Wants(k) {
				l.See(k, e)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i, r := range rules {
		var lacks map[string]int64
		if stored(r) {
			if lacks, err = kept.Lacking(ctx, r.ID); err != nil {
				return nil, err
			}
		}
		if reasons := looks[i].Reasons(lacks); len(reasons) > 0 {
			out[r.ID] = reasons
		}
	}
	return out, nil
}

// hush remembers why rules do not fire.
type hush struct {
	mu      sync.Mutex
	state   int64 // of the events
	at      time.Time
	counts  map[silence.Kind]int64
	reasons map[*detection.Rule][]string
	busy    map[*detection.Rule]chan struct{}
}

// Events come all the time while imports run: what is remembered is taken as it
// is for so long.
const hushFor = 10 * time.Second

// Silence says why a rule cannot fire on the stored events; none when nothing
// speaks against it. It looks through events for so long at most: where more is to
// be done it goes on in the background, and known is false until then.
func (b *Book) Silence(ctx context.Context, r *detection.Rule, most time.Duration) (reasons []string, known bool,
	err error) {
	kept, ok := b.store.(SilenceStore)
	if !ok || b.safe {
		return nil, true, nil
	}
	state, err := kept.EventState(ctx)
	if err != nil {
		return nil, false, err
	}
	h := &b.hush
	h.mu.Lock()
	if state != h.state && time.Since(h.at) > hushFor {
		h.state, h.at, h.counts, h.reasons = state, time.Now(), nil, nil
	}
	reasons, known = h.reasons[r]
	done := h.busy[r]
	if !known && done == nil {
		done = make(chan struct{})
		if h.busy == nil {
			h.busy = map[*detection.Rule]chan struct{}{}
		}
		h.busy[r] = done
		go b.findOut(kept, r, h.state, done)
	}
	h.mu.Unlock()
	if known {
		return reasons, true, nil
	}
	select {
	case <-done:
	case <-time.After(most):
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	reasons, known = h.reasons[r]
	return reasons, known, nil
}

// mostHush bounds how long is looked for the reasons of one rule.
const mostHush = 20 * time.Second

func guardedSilences(ctx context.Context, kept SilenceStore, counts map[silence.Kind]int64,
	r *detection.Rule) (all map[string][]string, err error) {
	defer fault.Catch(&err)
	return silences(ctx, kept, counts, []*detection.Rule{r}, func(*detection.Rule) bool { return true })
}

// findOut finds out why a rule does not fire, and remembers it.
func (b *Book) findOut(kept SilenceStore, r *detection.Rule, state int64, done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), mostHush)
	defer cancel()
	h := &b.hush
	h.mu.Lock()
	counts := h.counts
	h.mu.Unlock()
	var err error
	if counts == nil {
		counts, err = kept.EventKinds(ctx)
	}
	var all map[string][]string
	if err == nil {
		all, err = guardedSilences(ctx, kept, counts, r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.busy, r)
	close(done)
	if err != nil || state != h.state {
		return
	}
	if h.reasons == nil {
		h.reasons = map[*detection.Rule][]string{}
	}
	h.counts, h.reasons[r] = counts, all[r.ID]
}
