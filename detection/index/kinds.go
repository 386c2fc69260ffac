package index

import (
	"cmp"
	"maps"
	"slices"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Kinds says which kinds of events the plans of an index may match: by channel and
// event code, of events that are not Odd.
type Kinds struct {
	ix       *Index
	channels map[int32]bool // that any plan names; nil: any channel may do
	codes    map[int64]bool // likewise
}

// OfPlan are the kinds of events that a plan may match.
func OfPlan(p *spl.Plan) Kinds {
	ix := newIndex()
	for _, w := range wantsOf(p) {
		ix.class(w)
	}
	return ix.Kinds()
}

// Kinds are those of an index. The set of classes is what plans want.
func (ix *Index) Kinds() Kinds {
	k := Kinds{ix: ix, channels: map[int32]bool{}, codes: map[int64]bool{}}
	for c := range ix.classes {
		if k.channels != nil {
			k.channels[c.channel] = true
		}
		if k.codes != nil {
			k.codes[c.code] = true
		}
		if c.channel < 0 {
			k.channels = nil
		}
		if c.code == event.None {
			k.codes = nil
		}
	}
	return k
}

// None says that no event but an Odd one is matched.
func (k Kinds) None() bool { return len(k.ix.classes) == 0 }

// Codes are the event codes of which an event must have one, in order; nil when
// any may do.
func (k Kinds) Codes() []int64 {
	if k.codes == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(k.codes))
}

// Kind is a channel, in lower case, and an event code: "" for any channel,
// event.None for any code.
type Kind struct {
	Channel string
	Code    int64
}

// Each are the kinds as the plans ask for them, in order.
func (k Kinds) Each() (out []Kind) {
	for c := range k.ix.classes {
		one := Kind{Code: c.code}
		if c.channel >= 0 {
			one.Channel = k.ix.names[c.channel]
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Channel says whether an event of a channel may be matched, whatever its code.
func (k Kinds) Channel(name string) bool {
	return k.channels == nil || k.channels[k.ix.channelOf(name)]
}

// Has says whether an event of a channel and a code may be matched.
func (k Kinds) Has(channel string, code int64) bool {
	ch := k.ix.channelOf(channel)
	for _, key := range [...]classKey{{ch, code}, {ch, event.None}, {-1, code}, {-1, event.None}} {
		if k.ix.classes[key] != nil {
			return true
		}
	}
	return false
}
