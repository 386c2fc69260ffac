package importer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"escutcheon/artifact"
	"escutcheon/fault"
	"escutcheon/importer/archive"
	"escutcheon/intake"
)

// archive opens a file that is a container; nil when it is none.
func (im *Importer) archive(ctx context.Context, imp intake.Import, f io.ReaderAt) (*archive.Archive, error) {
	opt := im.Limits
	opt.Password = im.password(imp.ID)
	opt.Temp = im.spool.Temp
	a, err := archive.Open(ctx, f, imp.Size, opt)
	if errors.Is(err, archive.ErrNone) {
		return nil, nil
	}
	return a, err
}

// needsPassword says whether a password would help.
func needsPassword(err error) bool {
	return errors.Is(err, archive.ErrPassword) || errors.Is(err, archive.ErrWrongPassword)
}

// unopened says what becomes of a container that cannot be opened.
func (im *Importer) unopened(imp intake.Import, err *archive.Error) (outcome, error) {
	if needsPassword(err) && imp.Ask {
		return outcome{asks: true}, nil
	}
	if needsPassword(err) {
		return outcome{reason: err.What + passwordHint}, nil
	}
	return outcome{reason: err.What}, nil
}

const passwordHint = ` Import it again with its password (--password-file on the command line); ` +
	`for evidence it is usually "infected".`

// NeedsPassword says whether an import failed because its archive takes a password, or
// another one.
func NeedsPassword(i intake.Import) bool {
	return i.Status == intake.Failed && strings.Contains(i.Reason, passwordHint)
}

// walk is one container under way.
type walk struct {
	im     *Importer
	imp    intake.Import
	many   *Many
	locked error // why members could not be decrypted
	seen   int64
	names  map[string]int64           // how many members had a name
	before map[string][]intake.Import // what earlier runs recorded, by name
	second *beside                    // of the second time: what the first brought; nil: it is the first
	put    map[int64]bool             // files put off to the second time, by their index

	files int64 // of the outermost archive; -1: not known

	mu     sync.Mutex
	some   bool      // a member is a log
	asking bool      // a member asks
	far    stretch   // how far what is stored goes
	now    stretch   // of the archive: the large member that is being stored
	tellAt time.Time // when how far it is is stored again
}

// stretch is where in an archive a member lies, from 0 to 1, and which one of the
// outermost archive it is.
type stretch struct {
	from, to float64
	outer    int64
}

// members imports what a container holds: small members side by side, and each
// in its turn. Those that an earlier run ended are passed over.
func (im *Importer) members(ctx context.Context, imp intake.Import, f io.ReaderAt, a *archive.Archive) (
	outcome, error) {
	imp.Format, imp.Compression = string(a.Kind), a.Compression
	if err := im.store.DescribeImport(ctx, imp); err != nil {
		return outcome{}, err
	}
	before, err := im.store.Members(ctx, imp.ID)
	if err != nil {
		return outcome{}, err
	}
	w := &walk{im: im, imp: imp, files: a.Files, many: im.NewMany(ctx), names: map[string]int64{}, put: map[int64]bool{},
		before: map[string][]intake.Import{}, tellAt: time.Now().Add(im.tell())}
	defer im.walking(w)()
	for _, m := range before {
		w.before[m.Name] = append(w.before[m.Name], m)
	}
	err = w.walk(ctx, a)
	if err == nil && len(w.put) > 0 {
		err = w.again(ctx, f)
	}
	if e := w.many.Close(); e != nil && ctx.Err() == nil {
		err = e
	}
	var bad *archive.Error
	if err != nil && !errors.As(err, &bad) {
		return outcome{}, err
	}
	if err := im.store.Progress(ctx, imp.ID, imp.Size); err != nil {
		return outcome{}, err
	}
	if bad == nil && !im.spool.Holds(imp.Path) {
		if now, err := Hash(ctx, imp.Path); err != nil || now.SHA256 != imp.SHA256 {
			return outcome{reason: "The file changed while it was imported: its bytes are not those that were hashed before. " +
				"Copy it, and import the copy: nothing is counted twice."}, err
		}
	}
	return w.outcome(bad), nil
}

// walk goes through a container; who imports its members is told in any case when there
// are no more.
func (w *walk) walk(ctx context.Context, a *archive.Archive) (err error) {
	defer fault.Catch(&err)
	return a.Walk(func(m *archive.Member) error { return w.member(ctx, m) })
}

// outcome is how a container came out. bad is what is wrong with it as a whole.
func (w *walk) outcome(bad *archive.Error) outcome {
	switch {
	case bad != nil:
		return outcome{reason: fmt.Sprintf("%s The %d files before it were imported.", bad.What, w.seen)}
	case w.locked != nil && w.imp.Ask:
		return outcome{asks: true}
	case w.locked != nil:
		return outcome{reason: archiveSentence(w.locked) + passwordHint + " What is not encrypted was imported."}
	case w.asking:
		return outcome{waits: true}
	case w.seen == 0:
		return outcome{reason: "This archive holds no files."}
	case !w.some:
		return outcome{reason: fmt.Sprintf(
			"None of the %d files in this archive is a log that is read here. Each one's reason is listed below.", w.seen)}
	}
	return outcome{}
}

func archiveSentence(err error) string {
	var e *archive.Error
	if errors.As(err, &e) {
		return e.What
	}
	return err.Error()
}

// member imports one member.
func (w *walk) member(ctx context.Context, m *archive.Member) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.second != nil && !w.put[m.Index] {
		return nil
	}
	if w.second == nil {
		w.seen++
	}
	old := w.old(m.Path)
	if old.Status.Ended() || old.Status == intake.Asking {
		w.nth(m.Path)
		w.note(old)
		return nil
	}
	if err := w.im.spool.Drop(old.Path); err != nil { // of a process that is gone: the copy is made again
		return err
	}
	if needsPassword(m.Err) {
		w.locked = m.Err
		return nil
	}
	owner := w.im.owner
	if old.ID != 0 {
		owner = old.Owner
	}
	i := intake.Import{ID: old.ID, Name: m.Path, Parent: w.imp.ID, Ordinal: m.Index + 1, Source: w.imp.Source,
		Owner: owner, Zone: w.imp.Zone, Computer: w.imp.Computer, Dates: w.imp.Dates, Ask: w.imp.Ask,
		Modified: m.Modified, LocalClock: m.Zoneless}
	i.Records, i.Site = old.Records, old.Site
	if old.ID == 0 {
		i.Site = cmp.Or(SiteOf(m.Path), w.imp.Site)
	}
	src, err := m.Open()
	if err != nil {
		return w.refused(i, archiveSentence(err))
	}
	whole := &tolerant{r: src}
	var head bytes.Buffer
	head.Grow(int(min(max(m.Size, 0), SmallFile)) + bytes.MinRead)
	if _, err := io.Copy(&head, io.LimitReader(whole, SmallFile+1)); err != nil {
		return err
	}
	start := head.Bytes()
	if i.Computer == "" && lacksHost(start) {
		if w.second == nil {
			w.put[m.Index] = true
			return nil
		}
		i.Computer = cmp.Or(w.second.hostOf(m.Path), artifact.HostOf(m.Path), artifact.HostOf(w.imp.Name))
	}
	if len(start) > SmallFile {
		return w.large(ctx, i, m, start, whole)
	}
	if done, err := w.unreadable(i, len(start) == 0, whole.err); done || err != nil {
		return err
	}
	i.SHA256, i.Size = HashOf(start), int64(len(start))
	return w.add(ctx, i, placeOf(m), start, whole.err)
}

// placeOf is where a member lies that was read.
func placeOf(m *archive.Member) stretch { return stretch{m.From, m.To(), m.Outer} }

// old is what an earlier run recorded of the next member of a name.
func (w *walk) old(name string) (i intake.Import) {
	if before, n := w.before[name], w.names[name]; n < int64(len(before)) {
		return before[n]
	}
	return i
}

// unreadable deals with a member whose bytes cannot be read; empty says that
// none could be.
func (w *walk) unreadable(i intake.Import, empty bool, err error) (done bool, _ error) {
	switch {
	case needsPassword(err):
		w.locked = err
		return true, nil
	case errors.Is(err, archive.ErrLimit), empty && err != nil:
		return true, w.refused(i, archiveSentence(err))
	}
	return false, nil
}

// large imports a member of which start was read already.
func (w *walk) large(ctx context.Context, i intake.Import, m *archive.Member, start []byte, rest *tolerant) error {
	kept, err := w.im.spool.Keep(ctx, io.MultiReader(bytes.NewReader(start), rest), 0)
	if err != nil {
		return err
	}
	if done, err := w.unreadable(i, kept.Size == 0, rest.err); done || err != nil {
		return errors.Join(w.im.spool.Drop(kept.Path), err)
	}
	i.Path, i.SHA256, i.Size = kept.Path, kept.SHA256, kept.Size
	return w.add(ctx, i, placeOf(m), nil, rest.err)
}

// add adds a member, which lies at place, to those under way: in memory, or (data
// is nil) in the spool. damage says why it is not whole.
func (w *walk) add(ctx context.Context, i intake.Import, place stretch, data []byte, damage error) error {
	if damage != nil {
		i.Damage = archiveSentence(damage)
	}
	nth := w.nth(i.Name)
	if data != nil {
		asks, err := settleBy(&i, bytes.NewReader(data))
		if err != nil {
			return err
		}
		if asks { // whoever answers finds it in the spool
			kept, err := w.im.spool.Keep(ctx, bytes.NewReader(data), 0)
			if err != nil {
				return err
			}
			i.Path, data = kept.Path, nil
		}
	}
	done := func(m intake.Import) error { return w.done(m, place) }
	return w.many.Add(Small{Import: i, Data: data, Done: done, Long: func(data []byte) error {
		if data != nil {
			kept, err := w.im.spool.Keep(ctx, bytes.NewReader(data), 0)
			if err != nil {
				return err
			}
			i.Path = kept.Path
		}
		return w.run(ctx, i, place, nth)
	}})
}

// run imports a member that the spool holds.
func (w *walk) run(ctx context.Context, i intake.Import, place stretch, nth int64) error {
	damage := i.Damage
	i.Owner = w.im.owner
	asks, err := w.im.Settle(&i)
	if err != nil {
		return err
	}
	if i, err = w.im.store.AddMember(ctx, i, nth); err != nil {
		return err
	}
	if asks {
		w.note(i)
		return nil
	}
	if i, err = w.im.store.StartImport(ctx, i.ID, w.im.owner, w.im.owner); err != nil {
		return err
	}
	i.Damage = damage
	w.begin(place)
	done, err := w.im.conclude(ctx, i)
	if err != nil {
		return err
	}
	return w.done(done, place)
}

// nth counts a member that is recorded among those of its name.
func (w *walk) nth(name string) int64 {
	n := w.names[name]
	w.names[name]++
	return n
}

// refused records a member whose bytes cannot be read, in its turn.
func (w *walk) refused(i intake.Import, reason string) error {
	w.nth(i.Name)
	i.Status, i.Reason = intake.Failed, reason
	return w.many.AddEnded(intake.Whole{Import: i, From: i.Owner}, func(intake.Import) error { return nil })
}

// note takes a member's end into account.
func (w *walk) note(m intake.Import) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.some = w.some || m.Status == intake.Done || m.Read > 0 || m.Status == intake.Asking
	w.asking = w.asking || m.Status == intake.Asking
}

// tolerant ends at an error of the archive, and remembers it: what came before
// is worth reading.
type tolerant struct {
	r   io.Reader
	err error
}

func (t *tolerant) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, io.EOF
	}
	n, err := t.r.Read(p)
	var bad *archive.Error
	if errors.As(err, &bad) {
		t.err, err = bad, io.EOF
	}
	return n, err
}
