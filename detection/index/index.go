// Package index finds, among many compiled searches, those that may match a
// Windows event: by the channel and the event code that their first conditions
// ask for, then by texts that a field must hold, all looked for at once.
//
// It says which plans need not be asked, and never more: whether one matches is
// left to the plan.
package index

import (
	"strings"
	"sync"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
	"escutcheon/event"
)

// Index is read-only and may be used by many goroutines at once.
type Index struct {
	plans    []*spl.Plan
	channels map[string]int32 // by the channel in lower case and as plans write it
	names    []string         // of the channels, lower case
	classes  map[classKey]*class
	wants    []asked // that ask for texts
	scratch  sync.Pool
}

// classKey is a kind of event: -1 for any channel, event.None for any code.
type classKey struct {
	channel int32
	code    int64
}

// class holds the plans that want one kind of event.
type class struct {
	plain  []int32 // those that ask nothing more
	fields []*fieldClass
}

// fieldClass holds the lists of texts in one field that plans ask one of: each text
// leads to the lists that it is in.
type fieldClass struct {
	name string
	get  func(*event.Event) (string, bool)
	many bool // an event may have several values
	all  []int32
	find *texts
}

// asked is a want of a plan, all of whose lists an event must meet.
type asked struct {
	plan int32
	all  uint8 // a bit for each list
}

// listBits is how many bits of the number of a list say which of a want's it is; the
// rest is the want.
const listBits = 2

// getting is a model that reads a field of many events quickly.
type getting interface {
	Getter(field string) func(*event.Event) (string, bool)
}

// NewIndex makes the index of plans.
func NewIndex(plans []*spl.Plan) *Index {
	ix := newIndex()
	ix.plans = plans
	lists := listing{}
	for i, p := range plans {
		for _, w := range wantsOf(p) {
			c := ix.class(w)
			if w.texts == nil {
				c.plain = append(c.plain, int32(i))
				continue
			}
			lists.add(c, w, int32(len(ix.wants)))
			ix.wants = append(ix.wants, asked{int32(i), 1<<len(w.texts) - 1})
		}
	}
	for _, c := range ix.classes {
		for _, fc := range c.fields {
			fc.find = newTexts(lists[fc])
		}
	}
	ix.scratch.New = func() any {
		return &marks{ix: ix, seen: make([]uint32, len(plans)), met: make([]metLists, len(ix.wants))}
	}
	return ix
}

// listing are the lists that texts of a field are in, by the text.
type listing map[*fieldClass]map[string][]int32

func (l listing) add(c *class, w want, number int32) {
	for k, list := range w.texts {
		n := number<<listBits | int32(k)
		for _, t := range list {
			fc := c.of(t.field, t.model)
			if l[fc] == nil {
				l[fc] = map[string][]int32{}
			}
			if of := l[fc][t.text]; len(of) == 0 || of[len(of)-1] != n {
				l[fc][t.text] = append(of, n)
			}
			if last := len(fc.all); last == 0 || fc.all[last-1] != n {
				fc.all = append(fc.all, n)
			}
		}
	}
}

// newIndex is one that nothing is found by.
func newIndex() *Index {
	ix := &Index{channels: map[string]int32{}, classes: map[classKey]*class{}}
	for _, name := range []string{event.Sysmon, event.Security, event.PowerShell, event.IISConfiguration,
		"System", "Application"} {
		ix.channels[name] = ix.channel(strings.ToLower(name))
	}
	return ix
}

func (ix *Index) channel(low string) int32 {
	if low == "" {
		return -1
	}
	if id, ok := ix.channels[low]; ok {
		return id
	}
	id := int32(len(ix.names))
	ix.names = append(ix.names, low)
	ix.channels[low] = id
	return id
}

func (ix *Index) class(w want) *class {
	k := classKey{ix.channel(w.channel), w.code}
	if ix.classes[k] == nil {
		ix.classes[k] = &class{}
	}
	return ix.classes[k]
}

// of is the class of one field. A name under a data model's prefix is the
// model's, any other the event's.
func (c *class) of(name string, model spl.Model) *fieldClass {
	field := name
	if model != nil {
		if f, ok := strings.CutPrefix(name, model.Prefix()); ok {
			field = f
		} else {
			model = nil
		}
	}
	id := name
	if model == nil {
		id = "\x00" + name // a plan without the model may name a field so
	}
	for _, fc := range c.fields {
		if fc.name == id {
			return fc
		}
	}
	fc := &fieldClass{name: id, get: event.Getter(field), many: model == nil && field == event.Unnamed}
	if g, ok := model.(getting); ok {
		fc.get = g.Getter(field)
	} else if model != nil {
		fc.get = func(e *event.Event) (string, bool) { return model.Get(e, field) }
	}
	c.fields = append(c.fields, fc)
	return fc
}

// Plans are the plans of the index; Candidates speaks of them by number.
func (ix *Index) Plans() []*spl.Plan { return ix.plans }

// Candidates appends the numbers of the plans that may match an event, in
// order. A plan whose number is not among them does not match it.
func (ix *Index) Candidates(e spl.Event, dst []int) []int {
	ev, ok := e.(*event.Event)
	if !ok || Odd(ev) {
		for i := range ix.plans {
			dst = append(dst, i)
		}
		return dst
	}
	m := ix.scratch.Get().(*marks)
	dst = m.candidates(ev, dst)
	ix.scratch.Put(m)
	return dst
}

// Odd says whether the event has a field of its own under a name by which
// channel and code are asked for, or several codes, or no channel where others
// have one, so that it answers in its own way.
func Odd(e *event.Event) bool {
	codes := 0
	for i := range e.Fields {
		switch e.Fields[i].Name {
		case "EventCode":
			codes++
		case "EventID", "signature_id", "Channel", "source", "sourcetype", "eventtype":
			return true
		}
	}
	return codes > 1 || codes == 1 && e.EventCode == event.None || !value.IsASCII(e.Channel) || e.FromIISAlone()
}

func (ix *Index) channelOf(name string) int32 {
	if id, ok := ix.channels[name]; ok {
		return id
	}
	for i, n := range ix.names {
		if len(n) == len(name) && strings.EqualFold(n, name) {
			return int32(i)
		}
	}
	return -1
}
