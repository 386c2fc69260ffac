// Package rulebook keeps the rules of one database in force (detection.Rules):
// the built-in ones and those that were loaded, without those that somebody
// switched off, with the filters that analysts wrote. It brings a change of any
// of these into force while imports go on, has the rules run over what is
// stored already, and repeats what another process's change of the rules made
// fail (Retry). What a rule is and which events it matches is detection's
// business; what is stored, db's.
package rulebook

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// Store keeps the rules that were loaded, what was switched off and the
// filters, and has rules run over the stored events.
type Store interface {
	RuleFiles(ctx context.Context) ([]detection.SourceFile, error)
	KeepRuleFiles(ctx context.Context, files []detection.SourceFile) error
	// DropRuleFiles takes files away, by their paths.
	DropRuleFiles(ctx context.Context, paths []string) error
	// RuleCards are what is kept of what was made of the files.
	RuleCards(ctx context.Context) (map[detection.CardKey]string, error)
	ChangeRuleCards(ctx context.Context, c detection.CardChanges) error
	// RuleSwitches say by the ids of rules that somebody switched whether they are on.
	RuleSwitches(ctx context.Context) (map[string]bool, error)
	EnableRule(ctx context.Context, id string, on bool, author string) error
	CurrentFilters(ctx context.Context, now time.Time) ([]store.RuleFilter, error)
	AddFilter(ctx context.Context, f store.RuleFilter) error
	// AdoptRules puts rules into force; TidyRules makes the findings theirs, in
	// steps, or a part of that: CatchUp does the rest.
	AdoptRules(ctx context.Context, rules *detection.Rules, dec intake.Decoder) error
	TidyRules(ctx context.Context) error
	// ReadRules has pages read what is stored by rules that are not put into force.
	ReadRules(rules *detection.Rules, dec intake.Decoder)
	// Settings have the scores of Sigma rules.
	Settings(ctx context.Context) (risk.Settings, error)
	// RuleVersion counts the changes of the rules by any process.
	RuleVersion(ctx context.Context) (int64, error)
	// TryRule says which findings a rule would show that differs in its filter, and
	// of which it cannot be said, within a time.
	TryRule(ctx context.Context, r *detection.Rule, within time.Duration) (map[string]spl.Doubt, error)
	AllFindings(ctx context.Context, f store.FindingFilter) iter.Seq2[store.Finding, error]
	// CatchUp runs the rules that are behind over the next stored events, most
	// of them at most, in one transaction.
	CatchUp(ctx context.Context, most int) (store.Behind, error)
	// RunWindows runs the rules that need all events of a window over one that is
	// due.
	RunWindows(ctx context.Context) (store.WindowsDue, error)
}

// Book is the rules of one database. It is safe for concurrent use.
type Book struct {
	// Step is how many stored events rules are run over in one transaction at
	// most; 0 is what takes about 200 ms. Fewer give imports their turn sooner
	// and take longer. It is set before the first call.
	Step int

	store Store
	dec   intake.Decoder
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{}
	safe  bool  // see OpenSafe
	held  error // why, where it is
	// trying is held by the preview that is being made.
	trying chan struct{}

	hush hush // why rules do not fire

	fails fails // what was thrown

	change sync.Mutex // one change at a time
	state  atomic.Pointer[state]
}

// state is one state of the book. It is read-only.
type state struct {
	content  *detection.Content
	switched map[string]bool             // by id: on or off
	filters  map[string]store.RuleFilter // current ones, by the rule's id in lower case
	rules    *detection.Rules            // the content's that are in force
	behind   store.Behind
	version  int64
	until    time.Time // when the first filter expires; zero: none does
}

// Open reads the rules of a database and brings them into force. dec makes
// events of what is stored, for rules that are run over it.
func Open(ctx context.Context, kept Store, dec intake.Decoder, log *slog.Logger, now func() time.Time) (*Book, error) {
	b := &Book{store: kept, dec: dec, now: now, log: log, wake: make(chan struct{}, 1),
		trying: make(chan struct{}, 1)}
	return b, b.Reload(ctx)
}

// Load keeps files of rules in the database and brings them into force.
func (b *Book) Load(ctx context.Context, files []detection.SourceFile) error {
	if err := b.store.KeepRuleFiles(ctx, files); err != nil {
		return err
	}
	return b.Reload(context.WithoutCancel(ctx))
}

// Reload reads everything anew.
func (b *Book) Reload(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "read the rules")
	b.change.Lock()
	defer b.change.Unlock()
	s, changes, err := b.read(ctx)
	if err != nil {
		return err
	}
	if b.safe {
		b.store.ReadRules(s.rules, b.dec)
		b.state.Store(s)
		return nil
	}
	if err := b.store.AdoptRules(ctx, s.rules, b.dec); err != nil {
		return err
	}
	if s.version, err = b.store.RuleVersion(ctx); err != nil {
		return err
	}
	b.state.Store(s)
	b.fails.forget()
	b.keepCards(ctx, changes)
	if err := b.store.TidyRules(ctx); err != nil {
		return err
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return nil
}

func (b *Book) read(ctx context.Context) (s *state, changes detection.CardChanges, err error) {
	files, err := b.store.RuleFiles(ctx)
	if err != nil {
		return nil, changes, err
	}
	s = &state{filters: map[string]store.RuleFilter{}}
	if s.switched, err = b.store.RuleSwitches(ctx); err != nil {
		return nil, changes, err
	}
	current, err := b.store.CurrentFilters(ctx, b.now())
	if err != nil {
		return nil, changes, err
	}
	texts := map[string]string{}
	for _, f := range current {
		id := strings.ToLower(f.RuleID)
		if s.filters[id] = f; !b.safe {
			texts[id] = f.Expression
		}
		if !f.Expires.IsZero() && (s.until.IsZero() || f.Expires.Before(s.until)) {
			s.until = f.Expires
		}
	}
	before, have := &detection.Content{}, detection.Cards{Program: program()}
	if was := b.state.Load(); was != nil {
		before = was.content
	} else if have, err = cards(ctx, b.store); err != nil {
		return nil, changes, err
	}
	if s.content, err = before.Again(files, texts, have); err != nil {
		return nil, changes, err
	}
	changes = s.content.CardsAfter(before, have)
	set, err := b.store.Settings(ctx)
	if err != nil {
		return nil, changes, err
	}
	s.content = s.content.Scored(set.Sigma)
	s.rules = s.content.InForce(s.on)
	return s, changes, nil
}

// on says whether a rule is in force: as somebody switched it, else as it is loaded.
func (s *state) on(r *detection.Rule) bool {
	if on, switched := s.switched[r.ID]; switched {
		return on
	}
	return r.Off == ""
}

// Rules are the rules in force.
func (b *Book) Rules() *detection.Rules { return b.state.Load().rules }

// Content is all that was read: the rules that are switched off and those that
// were refused too.
func (b *Book) Content() *detection.Content { return b.state.Load().content }

// Disabled says whether a rule is not in force: somebody switched it off, or it is
// loaded so.
func (b *Book) Disabled(id string) bool {
	s := b.state.Load()
	r := s.content.ByID(id)
	return r != nil && !s.on(r)
}

// Switched says whether somebody switched a rule on or off.
func (b *Book) Switched(id string) bool {
	_, ok := b.state.Load().switched[id]
	return ok
}

// Filter is the filter of a rule that is in force, if it has one.
func (b *Book) Filter(id string) (store.RuleFilter, bool) {
	f, ok := b.state.Load().filters[strings.ToLower(id)]
	return f, ok
}

// Find is a rule by its id, switched off or not; nil when there is none.
func (b *Book) Find(id string) *detection.Rule {
	c := b.Content()
	if r := c.ByID(id); r != nil {
		return r
	}
	return detection.Find(c.Rules, id)
}

// Enable switches a rule on or off.
func (b *Book) Enable(ctx context.Context, id string, on bool, author string) error {
	if b.Find(id) == nil {
		return fault.New(fault.NotFound, "There is no rule %q.", id)
	}
	if on != b.Disabled(id) {
		return nil
	}
	if err := b.store.EnableRule(ctx, id, on, author); err != nil {
		return err
	}
	return b.Reload(context.WithoutCancel(ctx))
}

// SetFilter gives a rule a filter; an empty expression lets everything through. It
// is in force when SetFilter returns, for new findings; those that are there are
// filtered in steps, for a moment before it returns and then by Run, whether who
// set it still waits or not.
func (b *Book) SetFilter(ctx context.Context, f store.RuleFilter) error {
	if _, err := b.filtered(f.RuleID, f.Expression); err != nil {
		return err
	}
	if strings.TrimSpace(f.Reason) == "" {
		return fault.New(fault.Invalid, "Say why, so that others understand it later.")
	}
	if !f.Expires.IsZero() && !f.Expires.After(b.now()) {
		return fault.New(fault.Invalid, "The filter would have expired already. Choose a later time, or none.")
	}
	f.Expression = strings.TrimSpace(f.Expression)
	if err := b.store.AddFilter(ctx, f); err != nil {
		return err
	}
	return b.Reload(context.WithoutCancel(ctx))
}

// filtered is a rule as it is with another filter.
func (b *Book) filtered(id, expression string) (*detection.Rule, error) {
	r := b.Find(id)
	if r == nil {
		return nil, fault.New(fault.NotFound, "There is no rule %q.", id)
	}
	out, err := b.Content().WithFilter(r, expression)
	if err != nil {
		return nil, fault.New(fault.Invalid, "This filter cannot be run: %v.", err)
	}
	return out, nil
}

// Behind says how far the rules are that are yet to be run over stored events.
func (b *Book) Behind() store.Behind { return b.state.Load().behind }

// A step takes about stepTime, and is never less than leastStep.
const (
	stepTime  = 200 * time.Millisecond
	firstStep = 2048
	leastStep = 256
	mostStep  = 1 << 16
)

// nextStep is how many events the next step is given, by what the last one took.
func nextStep(last int, took time.Duration) int {
	next := float64(last) * float64(stepTime) / float64(max(took, time.Millisecond))
	return min(max(int(next), last/2, leastStep), last*2, mostStep)
}

// CatchUp runs the rules over the stored events until none is behind.
func (b *Book) CatchUp(ctx context.Context, progress func(store.Behind)) error {
	if b.safe || b.fails.stuck() {
		return nil
	}
	defer b.tellPanics()
	return b.fails.note(b.catchUp(ctx, progress))
}

func (b *Book) catchUp(ctx context.Context, progress func(store.Behind)) (err error) {
	defer fault.Catch(&err)
	for step := firstStep; ; {
		var left store.Behind
		began := time.Now()
		err := b.Retry(ctx, func() (err error) {
			left, err = b.store.CatchUp(ctx, cmp.Or(b.Step, step))
			return err
		})
		step = nextStep(step, time.Since(began))
		if err != nil {
			return err
		}
		b.note(left)
		if progress != nil {
			progress(left)
		}
		if left.Rules == 0 {
			return b.runWindows(ctx, progress)
		}
	}
}

// Retry makes a call of the store, and makes it again with the rules read anew
// for as long as another process has changed them meanwhile. It is the one
// place where intake.ErrStale is dealt with.
func (b *Book) Retry(ctx context.Context, call func() error) error {
	for {
		err := call()
		if !errors.Is(err, intake.ErrStale) {
			return err
		}
		if b.safe {
			return b.held
		}
		if err := b.Reload(ctx); err != nil {
			return err
		}
	}
}

func (b *Book) note(left store.Behind) {
	b.change.Lock()
	defer b.change.Unlock()
	s := *b.state.Load()
	s.behind = left
	b.state.Store(&s)
}

// lookEvery is how often Run looks whether another process changed the rules
// or a filter has expired.
const lookEvery = 5 * time.Second

// Run keeps the rules up to date until ctx is done: it runs those that are
// behind over the stored events, ends filters that expire, and notices what
// another process changes.
func (b *Book) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := b.CatchUp(ctx, nil); err != nil && (ctx.Err() == nil || fault.PanicOf(err) != nil) {
			b.logError("run rules over the stored events", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		case <-tick.C:
			if err := b.look(ctx); err != nil && ctx.Err() == nil {
				b.log.Error("look after the rules", "err", err)
			}
		}
	}
}

// look reloads the rules when something outside has changed.
func (b *Book) look(ctx context.Context) error {
	s := b.state.Load()
	version, err := b.store.RuleVersion(ctx)
	if err != nil {
		return err
	}
	if !b.safe && version == s.version && (s.until.IsZero() || b.now().Before(s.until)) {
		return nil
	}
	return b.Reload(ctx)
}
