package db

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/store"
)

// channelKey is a channel of a host.
type channelKey struct{ host, channel int64 }

// channelCount is what was seen of it.
type channelCount struct {
	events int64
	store.Activity
}

// channelCounts count events of some hosts.
type channelCounts struct {
	of     map[channelKey]*channelCount
	wanted func(host int64) bool
}

func newChannelCounts(wanted func(host int64) bool) *channelCounts {
	return &channelCounts{map[channelKey]*channelCount{}, wanted}
}

// countedColumns are those that are counted.
const countedColumns = block.HostColumn | block.ChannelColumn | block.SecondColumn | block.EventColumn

// add counts the events of a block.
func (t *channelCounts) add(first int64, c *block.Columns) {
	last, to := channelKey{host: -1}, (*channelCount)(nil)
	for i, id := range c.Event {
		if id != first+int64(i) {
			continue
		}
		if k := (channelKey{c.Host[i], c.Channel[i]}); k != last {
			last, to = k, t.at(k)
		}
		if to == nil {
			continue
		}
		to.events++
		if s := c.Second[i]; s != noSecond {
			to.Add(s)
		}
	}
}

// at is what counts a channel; nil where nobody asks for its host.
func (t *channelCounts) at(k channelKey) *channelCount {
	to := t.of[k]
	if to == nil && k.host != 0 && t.wanted(k.host) {
		to = &channelCount{}
		t.of[k] = to
	}
	return to
}

// keys are those of all channelCounts, in the order of their rows.
func (t *channelCounts) keys() []channelKey {
	out := make([]channelKey, 0, len(t.of))
	for k := range t.of {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b channelKey) int {
		return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.channel, b.channel))
	})
	return out
}

// packSpans writes spans as the row has them.
func packSpans(spans []store.Span) []byte {
	out, last := make([]byte, 0, 8*len(spans)), int64(0)
	for _, s := range spans {
		out = binary.AppendUvarint(binary.AppendVarint(out, s.From-last), uint64(s.To-s.From))
		last = s.To
	}
	return out
}

var errSpans = errors.New("the spans of a host's coverage are damaged")

// add adds what a row says.
func (t *channelCount) add(events int64, spans []byte) error {
	t.events += events
	for last := int64(0); len(spans) > 0; {
		from, n := binary.Varint(spans)
		length, m := binary.Uvarint(spans[max(n, 0):])
		if n <= 0 || m <= 0 {
			return errSpans
		}
		spans = spans[n+m:]
		last += from + int64(length)
		t.AddSpan(store.Span{From: last - int64(length), To: last})
	}
	return nil
}
