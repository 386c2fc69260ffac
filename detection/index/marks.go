package index

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
	"escutcheon/event"
)

// marks say which plans an event has been found for already, and remember which
// classes the last kinds of events were of. One goroutine has them at a time.
type marks struct {
	ix     *Index
	round  uint32
	seen   []uint32   // by plan
	met    []metLists // by want
	found  []int
	recent [64]kind
}

// metLists are the lists of a want that the event of a round has met.
type metLists struct {
	round uint32
	lists uint8
}

// kind is a channel and a code, and the classes of such events.
type kind struct {
	channel string
	code    int64
	classes []*class
	known   bool
}

// candidates appends the numbers of the plans that may match an event, in order.
func (m *marks) candidates(e *event.Event, dst []int) []int {
	classes := m.classesOf(e)
	if len(classes) == 0 {
		return dst
	}
	if m.round++; m.round == 0 {
		clear(m.seen)
		clear(m.met)
		m.round = 1
	}
	m.found = m.found[:0]
	for _, c := range classes {
		m.add(c.plain)
		for _, fc := range c.fields {
			m.search(fc, e)
		}
	}
	slices.Sort(m.found)
	return append(dst, m.found...)
}

// add adds plans that are not there yet.
func (m *marks) add(plans []int32) {
	for _, i := range plans {
		if m.seen[i] != m.round {
			m.seen[i] = m.round
			m.found = append(m.found, int(i))
		}
	}
}

// meet notes lists that the event meets, and adds the plans that want no others.
func (m *marks) meet(lists []int32) {
	for _, n := range lists {
		at, bit := n>>listBits, uint8(1)<<(n&(1<<listBits-1))
		met := &m.met[at]
		if met.round != m.round {
			*met = metLists{round: m.round}
		}
		if met.lists&bit != 0 {
			continue
		}
		met.lists |= bit
		if w := m.ix.wants[at]; met.lists == w.all && m.seen[w.plan] != m.round {
			m.seen[w.plan] = m.round
			m.found = append(m.found, int(w.plan))
		}
	}
}

func (m *marks) search(fc *fieldClass, e *event.Event) {
	if fc.many {
		for _, v := range e.List(event.Unnamed) {
			m.look(fc, v)
		}
		return
	}
	if v, ok := fc.get(e); ok {
		m.look(fc, v)
	}
}

func (m *marks) look(fc *fieldClass, v string) {
	switch {
	case value.FoldsToASCII(v):
		m.meet(fc.all)
	default:
		fc.find.in(v, m.meet)
	}
}

// classesOf are the classes that hold plans for events of e's kind.
func (m *marks) classesOf(e *event.Event) []*class {
	k := &m.recent[uint64(e.EventCode)%uint64(len(m.recent))]
	if k.known && k.code == e.EventCode && k.channel == e.Channel {
		return k.classes
	}
	// The channel's memory is its record's, which is not to stay.
	*k = kind{channel: strings.Clone(e.Channel), code: e.EventCode, classes: k.classes[:0], known: true}
	ch := m.ix.channelOf(e.Channel)
	for _, key := range [...]classKey{{ch, e.EventCode}, {ch, event.None}, {-1, e.EventCode}, {-1, event.None}} {
		if c := m.ix.classes[key]; c != nil && !slices.Contains(k.classes, c) {
			k.classes = append(k.classes, c)
		}
	}
	return k.classes
}
