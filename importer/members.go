package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"escutcheon/fault"
	"escutcheon/importer/archive"
	"escutcheon/intake"
)

// archive opens a file that is a container; nil when it is none.
func (im *Importer) archive(ctx context.Context, imp intake.Import, f *os.File) (*archive.Archive, error) {
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

const passwordHint = ` Import it again with its password (--password on the command line); ` +
	`for evidence it is usually "infected".`

// walk is one container under way.
type walk struct {
	im     *Importer
	imp    intake.Import
	locked error // why members could not be decrypted
	some   bool  // a member is a log
	seen   int64
	asking bool // a member asks
	bytes  int64
	names  map[string]int64 // how many members had a name
}

// members imports what a container holds, one member after another. Those that
// an earlier run ended are passed over.
func (im *Importer) members(ctx context.Context, imp intake.Import, a *archive.Archive) (outcome, error) {
	imp.Format, imp.Compression = string(a.Kind), a.Compression
	if err := im.store.DescribeImport(ctx, imp); err != nil {
		return outcome{}, err
	}
	w := &walk{im: im, imp: imp, names: map[string]int64{}}
	err := a.Walk(func(m *archive.Member) error { return w.member(ctx, m) })
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
	w.seen++
	nth := w.names[m.Path]
	old, err := w.im.store.Member(ctx, w.imp.ID, m.Path, nth)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	if err == nil && (old.Status.Ended() || old.Status == intake.Asking) {
		w.names[m.Path]++
		w.note(old)
		return nil
	}
	if err == nil { // begun by a process that is gone: its copy is made again
		if err := w.im.spool.Drop(old.Path); err != nil {
			return err
		}
	}
	if needsPassword(m.Err) {
		w.locked = m.Err
		return nil
	}
	i := intake.Import{Name: m.Path, Parent: w.imp.ID, Ordinal: m.Index + 1, Source: w.imp.Source, Owner: w.im.owner,
		Zone: w.imp.Zone, Computer: w.imp.Computer, Dates: w.imp.Dates, Ask: w.imp.Ask}
	src, err := m.Open()
	if err != nil {
		return w.refused(ctx, i, archiveSentence(err))
	}
	whole := &tolerant{r: src}
	kept, err := w.im.spool.Keep(ctx, whole, 0)
	if err != nil {
		return err
	}
	if needsPassword(whole.err) {
		w.locked = whole.err
		return w.im.spool.Drop(kept.Path)
	}
	if errors.Is(whole.err, archive.ErrLimit) || kept.Size == 0 && whole.err != nil {
		return errors.Join(w.im.spool.Drop(kept.Path), w.refused(ctx, i, archiveSentence(whole.err)))
	}
	i.Path, i.SHA256, i.Size = kept.Path, kept.SHA256, kept.Size
	return w.run(ctx, i, whole.err)
}

// run imports a member that the spool holds. damage says why it is not whole.
func (w *walk) run(ctx context.Context, i intake.Import, damage error) error {
	asks, err := w.im.Settle(&i)
	if err != nil {
		return err
	}
	if i, err = w.im.store.AddMember(ctx, i, w.nth(i.Name)); err != nil {
		return err
	}
	if asks {
		w.note(i)
		return nil
	}
	if i, err = w.im.store.StartImport(ctx, i.ID, w.im.owner, w.im.owner); err != nil {
		return err
	}
	if damage != nil {
		i.Damage = archiveSentence(damage)
	}
	done, err := w.im.conclude(ctx, i)
	if err != nil {
		return err
	}
	w.note(done)
	w.bytes += i.Size
	return w.im.store.Progress(ctx, w.imp.ID, min(w.bytes, w.imp.Size-1))
}

// nth counts a member that is recorded among those of its name.
func (w *walk) nth(name string) int64 {
	n := w.names[name]
	w.names[name]++
	return n
}

// refused records a member whose bytes cannot be read.
func (w *walk) refused(ctx context.Context, i intake.Import, reason string) error {
	i, err := w.im.store.AddMember(ctx, i, w.nth(i.Name))
	if err != nil {
		return err
	}
	return w.im.store.FinishImport(ctx, i.ID, w.im.owner, intake.Failed, reason)
}

// note takes a member's end into account.
func (w *walk) note(m intake.Import) {
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
