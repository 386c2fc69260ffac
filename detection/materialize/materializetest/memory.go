package materializetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Memory is a plain implementation of materialize.Tx in memory. States are
// kept as their bytes, as a database keeps them.
type Memory struct {
	findings map[string]*finding // by key
	lacks    map[lackKey]materialize.Lack
	cursors  map[string]materialize.Cursor
	doubts   map[doubtKey]materialize.Doubt
	due      map[materialize.Due]bool
	wholes   map[materialize.WholeDue]int64 // the turns, by what is due without its turn
	turn     int64
}

type doubtKey struct {
	key, rule string
	start     int64
}

type lackKey struct {
	rule  string
	event int64
}

type finding struct {
	materialize.Finding // without its State
	state               []byte
	windows             map[int64]window
	members             map[materialize.Member]struct{}
	risk                map[int64]Told
}

type window struct {
	materialize.Part // without its State
	state            []byte
}

// Told is what a run over a window told of a finding.
type Told struct {
	Events  []detection.RiskEvent
	Threats []detection.Threat
}

// NewMemory is an empty one.
func NewMemory() *Memory {
	return &Memory{map[string]*finding{}, map[lackKey]materialize.Lack{}, map[string]materialize.Cursor{},
		map[doubtKey]materialize.Doubt{}, map[materialize.Due]bool{}, map[materialize.WholeDue]int64{}, 0}
}

// Write runs f.
func (m *Memory) Write(f func(materialize.Tx) error) error {
	before := m.clone()
	err := f(m)
	if err != nil {
		*m = *before
	}
	return err
}

func (m *Memory) clone() *Memory {
	out := &Memory{map[string]*finding{}, maps.Clone(m.lacks), maps.Clone(m.cursors), maps.Clone(m.doubts),
		maps.Clone(m.due), maps.Clone(m.wholes), m.turn}
	for key, f := range m.findings {
		one := *f
		one.windows, one.members, one.risk = maps.Clone(f.windows), maps.Clone(f.members), maps.Clone(f.risk)
		out.findings[key] = &one
	}
	return out
}

func pack(p materialize.Part) (window, error) {
	state, err := json.Marshal(p.State)
	p.State = nil
	return window{p, state}, err
}

func (w window) part(r *detection.Rule) (materialize.Part, error) {
	p := w.Part
	var err error
	p.State, err = r.Plan().Load(w.state)
	return p, err
}

func (m *Memory) get(r *detection.Rule, key string) *finding {
	if f := m.findings[key]; f != nil && f.Rule.ID == r.ID {
		return f
	}
	return nil
}

func (m *Memory) must(r *detection.Rule, key string) (*finding, error) {
	if f := m.get(r, key); f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("there is no finding %s", key)
}

func (f *finding) copy(r *detection.Rule, w window) (*materialize.Finding, error) {
	out := f.Finding
	out.Rule, out.By, out.Row = r, slices.Clone(f.By), slices.Clone(f.Row)
	var err error
	out.Part, err = w.part(r)
	return &out, err
}

func (m *Memory) Finding(r *detection.Rule, key string) (*materialize.Finding, error) {
	f := m.get(r, key)
	if f == nil {
		return nil, nil
	}
	return f.copy(r, window{f.Part, f.state})
}

// Prefetch does nothing: all is in memory.
func (m *Memory) Prefetch([]string) error { return nil }

// Flush does nothing: what is put is there at once.
func (m *Memory) Flush() error { return nil }

func (m *Memory) of(ruleID string) (out []*finding) {
	for _, key := range slices.Sorted(maps.Keys(m.findings)) {
		if f := m.findings[key]; f.Rule.ID == ruleID {
			out = append(out, f)
		}
	}
	return out
}

func (m *Memory) Findings(r *detection.Rule) (out []*materialize.Finding, err error) {
	for _, f := range m.of(r.ID) {
		one, err := f.copy(r, window{f.Part, f.state})
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (m *Memory) PutFinding(in *materialize.Finding) error {
	w, err := pack(in.Part)
	if err != nil {
		return err
	}
	f := m.findings[in.Key]
	if f == nil {
		f = &finding{windows: map[int64]window{}, members: map[materialize.Member]struct{}{}, risk: map[int64]Told{}}
		m.findings[in.Key] = f
	}
	f.Finding, f.state = *in, w.state
	f.Part, f.By, f.Row = w.Part, slices.Clone(in.By), slices.Clone(in.Row)
	return nil
}

func (m *Memory) DeleteFinding(r *detection.Rule, key string) error {
	if m.get(r, key) != nil {
		delete(m.findings, key)
		maps.DeleteFunc(m.doubts, func(k doubtKey, _ materialize.Doubt) bool { return k.key == key })
	}
	return nil
}

func (m *Memory) FindingsAfter(r *detection.Rule, key string, most int) (out []*materialize.Finding, err error) {
	all, err := m.Findings(r)
	for _, f := range all {
		if f.Key > key && len(out) < most {
			out = append(out, f)
		}
	}
	return out, err
}

func (m *Memory) Forget(ruleID string, most int) (rows int, err error) {
	gone := func(is bool) bool {
		if is = is && rows < most; is {
			rows++
		}
		return is
	}
	maps.DeleteFunc(m.doubts, func(k doubtKey, _ materialize.Doubt) bool { return k.rule == ruleID })
	maps.DeleteFunc(m.findings, func(_ string, f *finding) bool { return gone(f.Rule.ID == ruleID) })
	maps.DeleteFunc(m.lacks, func(k lackKey, _ materialize.Lack) bool { return gone(k.rule == ruleID) })
	maps.DeleteFunc(m.due, func(d materialize.Due, _ bool) bool { return gone(d.RuleID == ruleID) })
	maps.DeleteFunc(m.wholes, func(d materialize.WholeDue, _ int64) bool { return gone(d.RuleID == ruleID) })
	return rows, nil
}

func (m *Memory) Window(r *detection.Rule, key string, start int64) (*materialize.Part, error) {
	f := m.get(r, key)
	if f == nil {
		return nil, nil
	}
	w, ok := f.windows[start]
	if !ok {
		return nil, nil
	}
	p, err := w.part(r)
	return &p, err
}

func (m *Memory) Windows(r *detection.Rule, key string) (out []materialize.Window, err error) {
	f := m.get(r, key)
	if f == nil {
		return nil, nil
	}
	for _, start := range slices.Sorted(maps.Keys(f.windows)) {
		p, err := f.windows[start].part(r)
		if err != nil {
			return nil, err
		}
		out = append(out, materialize.Window{Start: start, Part: &p})
	}
	return out, nil
}

func (m *Memory) Run(r *detection.Rule, start int64) (out []*materialize.Finding, err error) {
	for _, f := range m.of(r.ID) {
		if w, ok := f.windows[start]; ok {
			one, err := f.copy(r, w)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	return out, nil
}

func (m *Memory) PutWindow(r *detection.Rule, key string, w materialize.Window) error {
	f, err := m.must(r, key)
	if err != nil {
		return err
	}
	f.windows[w.Start], err = pack(*w.Part)
	return err
}

func (m *Memory) DeleteWindow(r *detection.Rule, key string, start int64) error {
	f, err := m.must(r, key)
	if err == nil {
		delete(f.windows, start)
	}
	return err
}

func (m *Memory) Members(r *detection.Rule, key string, start int64) (out []int64, err error) {
	f := m.get(r, key)
	if f == nil {
		return nil, nil
	}
	for k := range f.members {
		if k.Start == start {
			out = append(out, k.Event)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (m *Memory) AddMembers(r *detection.Rule, key string, members []materialize.Member) error {
	f, err := m.must(r, key)
	for _, k := range members {
		if err == nil {
			f.members[k] = struct{}{}
		}
	}
	return err
}

func (m *Memory) DeleteMember(r *detection.Rule, key string, k materialize.Member) error {
	f, err := m.must(r, key)
	if err == nil {
		delete(f.members, k)
	}
	return err
}

func (m *Memory) PoolMembers(r *detection.Rule, key string, groups []string) error {
	f, err := m.must(r, key)
	if err != nil {
		return err
	}
	clear(f.members)
	for _, group := range groups {
		g, err := m.must(r, group)
		if err != nil {
			return err
		}
		maps.Copy(f.members, g.members)
	}
	return nil
}

func (m *Memory) Places(event int64) (out []materialize.Place, err error) {
	for _, key := range slices.Sorted(maps.Keys(m.findings)) {
		f := m.findings[key]
		for k := range f.members {
			if !f.Made && k.Event == event {
				out = append(out, materialize.Place{RuleID: f.Rule.ID, Key: key, Start: k.Start})
			}
		}
	}
	return out, nil
}

func (m *Memory) Told(r *detection.Rule, key string) (out []materialize.Place, err error) {
	for _, f := range m.of(r.ID) {
		for start := range f.risk {
			if key != "" && key != f.Key {
				continue
			}
			out = append(out, materialize.Place{RuleID: r.ID, Key: f.Key, Start: start})
		}
	}
	return out, nil
}

func (m *Memory) PutRisk(r *detection.Rule, key string, start int64, events []detection.RiskEvent,
	threats []detection.Threat) error {
	f, err := m.must(r, key)
	if err != nil {
		return err
	}
	if _, ok := f.risk[start]; ok {
		return fmt.Errorf("finding %s has risk of window %d already", key, start)
	}
	f.risk[start] = Told{slices.Clone(events), slices.Clone(threats)}
	return nil
}

func (m *Memory) DeleteRisk(r *detection.Rule, key string, start int64) error {
	for _, f := range m.of(r.ID) {
		if key == "" || key == f.Key {
			delete(f.risk, start)
		}
	}
	return nil
}

func (m *Memory) PutLack(l materialize.Lack) error {
	k := lackKey{l.RuleID, l.Event}
	if _, ok := m.lacks[k]; !ok {
		m.lacks[k] = l
	}
	return nil
}

func (m *Memory) DeleteLack(ruleID string, event int64) error {
	maps.DeleteFunc(m.lacks, func(k lackKey, _ materialize.Lack) bool {
		return k.event == event && (ruleID == "" || k.rule == ruleID)
	})
	return nil
}

// Lacks are all lacks, by rule and event.
func (m *Memory) Lacks() (out []materialize.Lack, err error) {
	out = slices.SortedFunc(maps.Values(m.lacks), func(a, b materialize.Lack) int {
		return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.Event, b.Event))
	})
	return out, nil
}

// Risk is what a run over a window told of a finding.
func (m *Memory) Risk(r *detection.Rule, key string, start int64) (Told, error) {
	f := m.get(r, key)
	if f == nil {
		return Told{}, nil
	}
	return f.risk[start], nil
}
