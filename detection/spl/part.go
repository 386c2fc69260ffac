package spl

import (
	"slices"
	"strings"
	"sync"
	"time"

	"escutcheon/detection/spl/value"
)

// Part is what the streaming part of a plan makes of an event for one row.
// State.Add takes it; it holds nothing of the event's memory but texts.
type Part struct {
	// Key is the values of the BY fields, with their case; nil when Missing is
	// not.
	Key []string
	// Missing names the BY fields that the event lacks, and _time when it has
	// no time. Such a part is in no row.
	Missing []string
	// Idle says that no row is made of the key, whatever events it is of. There is
	// no need to keep such a part.
	Idle bool

	at int64         // the event's time
	in []value.Value // for each slot of the State
}

// Clone is a part that holds nothing of the event's memory.
func (p *Part) Clone() Part {
	out := Part{Missing: p.Missing, Idle: p.Idle, at: p.at} // the plan names what is missing
	if p.Key != nil {
		out.Key = make([]string, len(p.Key))
	}
	for i, k := range p.Key {
		out.Key[i] = strings.Clone(k)
	}
	for _, v := range p.in {
		out.in = append(out.in, v.Clone())
	}
	return out
}

// Get makes a Part an Event that has no fields.
func (p *Part) Get(string) (string, bool) { return "", false }

// Time is the time of the event; the zero time when Missing names _time.
func (p *Part) Time() time.Time {
	if slices.Contains(p.Missing, timeField) {
		return time.Time{}
	}
	return time.Unix(0, p.at).UTC()
}

// maxParts bounds how many parts one event makes: of fields with many values,
// one for each combination.
const maxParts = value.MaxList

// modelled is an event as tstats sees it: the fields of the data model under
// their prefix, and what the event itself has.
type modelled struct {
	e      Event
	model  Model
	prefix string
}

func (m *modelled) Get(name string) (string, bool) {
	if field, ok := strings.CutPrefix(name, m.prefix); ok {
		if v, ok := m.model.Get(m.e, field); ok || m.prefix != "" {
			return v, ok
		}
	}
	return m.e.Get(name)
}

// List is nothing but where the event has lists.
func (m *modelled) List(name string) []string {
	l, ok := m.e.(Listed)
	if !ok {
		return nil
	}
	own, ok := strings.CutPrefix(name, m.prefix)
	if of, aliased := m.model.(interface{ FieldOf(Event, string) string }); ok && aliased {
		if from := of.FieldOf(m.e, own); from != "" {
			return l.List(from)
		}
	}
	return l.List(name)
}

func (m *modelled) Time() time.Time { return m.e.Time() }

// Names are those that the event itself says it has.
func (m *modelled) Names(yield func(string) bool) {
	if e, ok := m.e.(Named); ok {
		e.Names(yield)
	}
}

var modelledPool = sync.Pool{New: func() any { return new(modelled) }}

// show calls f with the event as the plan's commands see it; false when the
// event does not fill the plan's data model.
func (p *Plan) show(e Event, f func(Event) bool) bool {
	if p.model == nil {
		return f(e)
	}
	return showAs(p.model, p.prefix, e, f)
}

func showAs(model Model, prefix string, e Event, f func(Event) bool) bool {
	if !model.Has(e) {
		return false
	}
	m := modelledPool.Get().(*modelled)
	m.e, m.model, m.prefix = e, model, prefix
	ok := f(m)
	*m = modelled{}
	modelledPool.Put(m)
	return ok
}

// Matches says whether an event passes what stands before the aggregation,
// whether or not it has all BY fields; of a plan that is Whole, whether the
// search or a subsearch starts from it, so that its rows may depend on it. One that
// takes more than it may does not. Where the plan panics it is said that one may: what
// is made of it tells.
func (p *Plan) Matches(e Event) (may bool) {
	defer func() {
		if v := recover(); v != nil {
			p.Failed(v, eventAt(e))
			may = p.whole != nil
		}
	}()
	switch {
	case p.whole != nil:
		return p.whole.concerns(e)
	case p.model == nil && len(p.before) == 0:
		return p.filter.match(e)
	}
	return p.show(e, func(e Event) bool {
		if !p.filter.match(e) {
			return false
		}
		if len(p.before) == 0 {
			return true
		}
		any := false
		within, _ := p.stream1(e, func(*rec) bool { any = true; return false })
		return within && any
	})
}

// Key is the Key and Missing of the first part that an event which matches
// makes.
func (p *Plan) Key(e Event) (key, missing []string) {
	var few [1]Part
	parts := p.Feed(e, few[:0])
	if len(parts) == 0 {
		return nil, nil
	}
	return parts[0].Key, parts[0].Missing
}

// Feed runs the streaming part on an event and appends the parts that it
// makes: none when the event does not match.
func (p *Plan) Feed(e Event, dst []Part) []Part {
	dst, _ = p.FeedSteps(e, dst)
	return dst
}

// undecided is what a part says that it is missing when its event took more than
// EventBounds.
var undecided = []string{""}

func undecidedPart(e Event) Part {
	p := Part{Missing: undecided}
	if t := e.Time(); !t.IsZero() {
		p.at = t.UnixNano()
	}
	return p
}

// Undecided says that the search took more than it may for the event: whether it
// matches, and in which rows it is, is not known. Such a part is the only one of
// its event, is in no row, and Missing names a field without a name.
func (p *Part) Undecided() bool { return len(p.Missing) == 1 && p.Missing[0] == "" }

func (p *Plan) steps(steps []step, r *rec, emit func(*rec) bool) bool {
	for i := range steps {
		if !r.meter.Spend(stepCost) {
			return false
		}
		if steps[i].one != nil {
			if !steps[i].one(r) {
				return true
			}
			continue
		}
		more := true
		steps[i].many(r, func(c *rec) bool {
			more = p.steps(steps[i+1:], c, emit)
			return more
		})
		return more
	}
	return !r.meter.Over() && emit(r)
}

// parts appends the parts of one row of the streaming part: one for each
// combination of the BY fields' values.
func (p *Plan) parts(r *rec, dst []Part) []Part {
	part := Part{Key: make([]string, len(p.by))}
	var lists [][]string // of the BY fields that have several values
	var where []int
	for i, f := range p.by {
		v := p.byValue(r, f)
		switch {
		case p.plain:
			part.Key[i] = keyOf(v)
		case v.IsList():
			lists, where = append(lists, v.List()), append(where, i)
		case v.IsNull():
			part.Missing = append(part.Missing, f)
		default:
			part.Key[i] = v.Text()
		}
	}
	t := r.Time()
	if t.IsZero() && !slices.Contains(part.Missing, timeField) {
		part.Missing = append(part.Missing, timeField)
	}
	if !t.IsZero() {
		part.at = t.UnixNano()
	}
	if part.Missing != nil {
		part.Key = nil
		return append(dst, part)
	}
	if lists != nil {
		part.in = p.inputs(r)
		return p.combine(part, lists, where, dst)
	}
	if part.Idle = p.idle(part.Key); !part.Idle {
		part.in = p.inputs(r)
	}
	return append(dst, part)
}

// The key of a search without stats is its whole row: null is "", a list or a
// text that would be taken for one of these has a NUL in front.
const (
	keyText = "\x00T"
	keyList = "\x00L"
)

func keyOf(v value.Value) string {
	s := v.Text()
	switch {
	case v.IsNull():
		return ""
	case v.IsList():
		return keyList + cutsOf(v.List()) + "\x00" + s
	case s == "" || s[0] == 0:
		return keyText + s
	}
	return s
}

func valueOfKey(key string) value.Value {
	if key == "" {
		return value.Null
	}
	if s, ok := strings.CutPrefix(key, keyText); ok {
		return value.Whole(s)
	}
	if s, ok := strings.CutPrefix(key, keyList); ok {
		cuts, text, _ := strings.Cut(s, "\x00")
		return value.ListOf(Field{Value: text, cuts: cuts}.Values())
	}
	return value.Whole(key)
}

// combine appends a part for each combination of the lists' values.
func (p *Plan) combine(part Part, lists [][]string, where []int, dst []Part) []Part {
	at := make([]int, len(lists))
	for n := 0; n < maxParts; n++ {
		one := part
		one.Key = slices.Clone(part.Key)
		for k, i := range where {
			one.Key[i] = lists[k][at[k]]
		}
		one.Idle = p.idle(one.Key)
		dst = append(dst, one)
		k := len(at) - 1
		for ; k >= 0; k-- {
			if at[k]++; at[k] < len(lists[k]) {
				break
			}
			at[k] = 0
		}
		if k < 0 {
			break
		}
	}
	return dst
}

// byValue is a BY field's value. In tstats a field that is missing is unknown.
func (p *Plan) byValue(r *rec, f string) value.Value {
	v := r.spanned(f, p.span)
	if v.IsNull() && p.model != nil {
		return value.Text(Unknown)
	}
	return v
}

// spanned is a field's value, of _time the start of its span.
func (r *rec) spanned(f string, span time.Duration) value.Value {
	v := r.value(f)
	if f == timeField && span > 0 {
		if t, ok := epochOf(v); ok {
			return value.Text(value.FormatEpoch(value.Span{Every: span}.Floor(t).UnixNano()))
		}
	}
	return v
}

// inputs are the values for the State's slots.
func (p *Plan) inputs(r *rec) []value.Value {
	if p.stored == 0 {
		return nil
	}
	out := make([]value.Value, p.stored)
	for i := range p.slots {
		a := &p.slots[i]
		v := a.in(r)
		if a.Expr != nil && a.Func == "count" && v.IsFalse() {
			v = value.Null // count(eval(condition)) counts where it holds
		}
		if !v.IsText() && !v.IsList() && !v.IsNull() {
			v = value.Text(v.Text())
		}
		out[i] = v
	}
	return out
}
