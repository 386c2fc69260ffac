package blockscan

import (
	"context"
	"fmt"
	"slices"

	"escutcheon/eventstore/block"
)

// variedOf are the events that have further sightings with other bytes, ascending.
func (s *scan) variedOf(ctx context.Context, all []Entry) (events []int64, err error) {
	note := func(e *Entry, c *block.Columns) {
		for k, event := range c.Event {
			if event != 0 && event != e.First+int64(k) {
				events = append(events, event)
			}
		}
	}
	var some []*Entry
	for i := range all {
		if all[i].Summary.Variants > 0 {
			some = append(some, &all[i])
		}
	}
	if s.far != nil {
		err = s.variedFar(ctx, some, note)
	} else {
		err = s.variedNear(ctx, some, note)
	}
	slices.Sort(events)
	return slices.Compact(events), err
}

func (s *scan) variedNear(ctx context.Context, some []*Entry, note func(*Entry, *block.Columns)) error {
	var c block.Columns
	for _, e := range some {
		data, err := s.near.Columns(ctx, e.First)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		if err := block.DecodeColumns(data, e.First, e.Count, block.EventColumn, &c); err != nil {
			return fmt.Errorf("block %d: %w", e.First, err)
		}
		note(e, &c)
	}
	return nil
}

func (s *scan) variedFar(ctx context.Context, some []*Entry, note func(*Entry, *block.Columns)) error {
	from := 0
	for _, to := range s.cut(some) {
		chosen, err := s.far.Select(ctx, &Query{}, block.EventColumn, some[from:to])
		if err != nil {
			return err
		}
		for k := range chosen {
			e := some[from+k]
			if err := chosen[k].Err; err != nil {
				return fmt.Errorf("block %d: %w", e.First, err)
			}
			if chosen[k].Columns != nil {
				note(e, chosen[k].Columns)
			}
		}
		from = to
	}
	return nil
}

// among appends the rows whose event is varied.
func (s *scan) among(events []int64, rows, out []int32) []int32 {
	if len(s.varied) == 0 {
		return out
	}
	for _, row := range rows {
		if _, is := slices.BinarySearch(s.varied, events[row]); is {
			out = append(out, row)
		}
	}
	return out
}
