package spl

// Memo is an event that remembers what it was asked for: many searches ask an event
// for the same few fields. It is used by one goroutine, for one event after another,
// and nothing holds it when it is set to the next.
type Memo struct {
	Event
	list  Listed // the event, where it is one
	named []memory
}

// memory is a field that was asked for.
type memory struct {
	name, value string
	ok          bool
}

// mostMemories is how many fields are remembered: of more, looking through them takes
// longer than asking.
const mostMemories = 24

// Set makes it another event. None (nil) lets go of the last one.
func (m *Memo) Set(e Event) {
	clear(m.named)
	m.Event, m.named = e, m.named[:0]
	m.list, _ = e.(Listed)
}

// Get is the event's.
func (m *Memo) Get(name string) (string, bool) {
	for i := range m.named {
		if m.named[i].name == name {
			return m.named[i].value, m.named[i].ok
		}
	}
	v, ok := m.Event.Get(name)
	if len(m.named) < mostMemories {
		m.named = append(m.named, memory{name, v, ok})
	}
	return v, ok
}

// List is the event's.
func (m *Memo) List(name string) []string {
	if m.list == nil {
		return nil
	}
	return m.list.List(name)
}

// Names are the event's.
func (m *Memo) Names(yield func(string) bool) {
	if e, ok := m.Event.(Named); ok {
		e.Names(yield)
	}
}
