package blockscan

import (
	"context"
	"fmt"
	"slices"

	"escutcheon/eventstore/block"
)

// varied are the events that have further sightings with other bytes, ascending.
func varied(ctx context.Context, b Blocks, all []Entry) (events []int64, err error) {
	var c block.Columns
	for i := range all {
		e := &all[i]
		if e.Summary.Variants == 0 {
			continue
		}
		data, err := b.Columns(ctx, e.First)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		if err := block.DecodeColumns(data, e.First, e.Count, block.EventColumn, &c); err != nil {
			return nil, fmt.Errorf("block %d: %w", e.First, err)
		}
		for k, event := range c.Event {
			if event != 0 && event != e.First+int64(k) {
				events = append(events, event)
			}
		}
	}
	slices.Sort(events)
	return slices.Compact(events), nil
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
