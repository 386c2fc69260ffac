package db

import (
	"errors"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/intake"
)

// switching is the one transaction in which what is ready comes into the old
// import's place. It decodes only events in findings, and those that both, or
// others, say differently; of the rest it moves blocks and numbers.
type switching struct {
	*replacing
	*work
	began    time.Time
	stubborn bool // it gives way to nobody

	news, olds map[int64]bool // the imports that come, and that go
	settled    map[int64]bool // events that are seen differently and done
	passed     map[int64]bool // blocks of the old import that were looked through
	left       []int64        // see unit, of all of them
}

// mayGoOn says whether it does: not when somebody has waited for long. What was
// changed until then need not be held any more.
func (s *switching) mayGoOn() error {
	if !s.stubborn && time.Since(s.began) > s.d.holdsOn && s.d.w.isWaitedFor() {
		return errGivesWay
	}
	if len(s.dirty) > mostColumns {
		if err := s.storeColumns(); err != nil {
			return err
		}
	}
	return s.tx.ctx.Err()
}

func (s *switching) all() error {
	if _, err := s.check(s.tx, s.root.ID); err != nil {
		return err
	}
	if s.work.rules != s.replacing.rules {
		return errOtherRules
	}
	s.work.brief = true
	s.news, s.olds, s.settled, s.passed = map[int64]bool{}, map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	for _, u := range s.units {
		s.news[u.id], s.olds[u.old.ID] = true, true
		s.left = append(s.left, u.left...)
	}
	slices.Sort(s.left)
	if err := s.beginDeletion(s.root.Replaces); err != nil {
		return err
	}
	if err := s.heirs(); err != nil {
		return err
	}
	var seen []int64
	for _, u := range s.units {
		more, err := s.come(u)
		if err != nil {
			return err
		}
		seen = append(append(seen, more...), u.shifted...)
	}
	slices.Sort(seen)
	if err := s.seenNow(slices.Compact(seen)); err != nil {
		return err
	}
	for _, u := range s.units {
		if err := s.leave(u); err != nil {
			return err
		}
	}
	if err := s.cascade.Settle(); err != nil {
		return err
	}
	if err := s.settleRows(0, false); err != nil {
		return err
	}
	if err := s.settleStale(); err != nil {
		return err
	}
	return s.end()
}

// match puts the new events that some rule matches into the findings that they are
// in. They are decoded for that, some at a time.
func (s *switching) match(u *unit, a *arrival) error {
	const together = 2048
	ids := slices.DeleteFunc(slices.Clone(u.matched), func(id int64) bool { return a.of[id] != 0 })
	for part := range slices.Chunk(ids, together) {
		events, matches, err := s.decoded(part)
		if err != nil {
			return err
		}
		if err := s.cascade.Came(events, part, matches, s.work.rules); err != nil {
			return err
		}
		for i := range events {
			h, err := s.work.hostOf(events[i].Computer)
			if err == nil {
				err = s.noteChange(part[i], h.id, &events[i])
			}
			if err != nil {
				return err
			}
		}
		if err := s.cascade.Settle(); err != nil {
			return err
		}
		if err := s.mayGoOn(); err != nil {
			return err
		}
	}
	return nil
}

func (s *switching) decoded(ids []int64) (events []event.Event, matches []detection.Match, err error) {
	events = make([]event.Event, len(ids))
	seen := make([]intake.Sighting, len(ids))
	for i, id := range ids {
		if seen[i], err = s.events.record(id); err != nil {
			return nil, nil, err
		}
	}
	found, errs := make([][]detection.Match, len(ids)), make([]error, len(ids))
	everywhere(len(ids), func(i int) {
		if events[i], errs[i] = s.events.dec.Merge(seen[i : i+1]); errs[i] == nil {
			found[i] = s.work.rules.MatchBriefly(nil, i, &events[i], nil)
		}
	})
	return events, slices.Concat(found...), errors.Join(errs...)
}

// seenNow settles what follows for events of which the old import said one thing
// and the new one says another.
func (s *switching) seenNow(ids []int64) error {
	for part := range slices.Chunk(ids, mostSettled) {
		more, err := againAmong(s.tx.ctx, s.tx, part[0], part[len(part)-1])
		if err != nil {
			return err
		}
		changes := make([]seenChange, 0, len(part))
		for _, id := range part {
			if s.settled[id] {
				continue
			}
			seen, err := s.events.seen(id, more[id])
			if err != nil {
				return err
			}
			c := s.asSeen(id, seen)
			if s.settled[id] = true; len(c.after) > 0 && !sameRecords(c.before, c.after) {
				changes = append(changes, c)
			}
		}
		if err := s.settleChanges(changes); err != nil {
			return err
		}
		if err := s.mayGoOn(); err != nil {
			return err
		}
	}
	return nil
}

// asSeen says how an event was seen and is from now on.
func (s *switching) asSeen(id int64, seen []intake.Sighting) seenChange {
	c := seenChange{id: id}
	for _, one := range seen {
		if !s.news[one.Import] {
			c.before = append(c.before, one)
		}
		if !s.olds[one.Import] {
			c.after = append(c.after, one)
		}
	}
	if len(c.before) == 0 { // it is new, and came as its first record says it
		c.before = seen[:1]
	}
	return c
}
