package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/term"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/originals"
	"escutcheon/unseen"
)

func importFiles(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("import")
	zone := fs.String("zone", "UTC", "the time `zone` of times that carry none, as in Europe/Berlin")
	computer := fs.String("computer", "", "the computer `name` of records that carry none")
	dates := fs.String("dates", "", "the `order` of day and month in dates that leave it open: mdy or dmy (default mdy "+
		"where the time has AM or PM, else dmy)")
	password := fs.String("password", "", "the `password` of encrypted archives (the usual one for evidence is "+
		"infected); other users of this machine can see it: --password-file is safer")
	passwordFile := fs.String("password-file", "", "the `file` whose first line is the password of encrypted archives, - "+
		"for standard input; without either it is asked for at a terminal")
	source := rulesFlags(fs)
	known := knownFlag(fs)
	asJSON := fs.Bool("json", false, "print one JSON object a file, for an archive one a member")
	names, err := parse(e, fs, args, -1)
	if err != nil {
		return 0, err
	}
	if len(names) == 0 {
		return 0, usageError{"name the files to import; - is standard input"}
	}
	if _, err := importer.Zone(*zone); err != nil || *zone == "" {
		if err == nil {
			err = errors.New("no time zone is named; leave --zone out for UTC")
		}
		return 0, usageError{err.Error()}
	}
	if *passwordFile != "" && (*password != "" || *passwordFile == "-" && slices.Contains(names, "-")) {
		return 0, usageError{"one password of archives, from one place: --password or --password-file, and standard input " +
			"once"}
	}
	if *passwordFile != "" {
		if *password, err = readPassword(ctx, e, *passwordFile); err != nil {
			return 0, err
		}
	}
	if err := importer.ValidDates(*dates); err != nil {
		return 0, usageError{err.Error()}
	}
	store, book, err := known.open(ctx, e, *path, source, openStore)
	if err != nil {
		return 0, err
	}
	defer store.Close()
	if err := catchUp(ctx, e, book); err != nil {
		return 0, err
	}
	im := importer.New(store, book.Rules, importer.NewSpool(store.Path()))
	im.Originals = originals.New(store.Path(), store.KeepsOriginals)
	im.Retry = book.Retry
	im.LogPanics(slog.New(slog.NewTextHandler(e.stderr, nil)))
	c := &cliImport{e: e, store: store, im: im, asJSON: *asJSON, password: *password,
		like: intake.Import{Source: intake.CommandLine, Zone: *zone, Computer: *computer, Dates: *dates}}
	defer c.im.Alive(ctx)()
	if err := im.Sweep(ctx); err != nil {
		return 0, err
	}
	code, err := c.files(ctx, names)
	if err == nil { // rows made of all events together, and rules that need all events of a window
		err = catchUp(ctx, e, book)
	}
	_ = store.CountCoverage(ctx, countAtEnd) // what it leaves, or fails at, serve does
	return code, err
}

// countAtEnd is about how long an import helps pages to say which logs were seen.
const countAtEnd = 50 * time.Millisecond

// upgrading says every tenth part how far a database of an older version is
// brought up to date.
func upgrading(e *env) func(done, all int64) {
	said := int64(-1)
	return func(done, all int64) {
		if tenth := 10 * done / max(all, 1); tenth > said {
			said = tenth
			fmt.Fprintf(e.stderr, "Bringing the database up to date: %d %%. The old file is kept until that is done.\n",
				10*tenth)
		}
	}
}

// cliImport imports files, small ones side by side, and tells of each in its
// turn.
type cliImport struct {
	e        *env
	store    *db.DB
	im       *importer.Importer
	like     intake.Import
	asJSON   bool
	password string
}

// outcome is what --json prints of one file.
type outcome struct {
	File      string        `json:"file"`
	SHA256    string        `json:"sha256"`
	Format    string        `json:"format"`
	Status    intake.Status `json:"status"`
	Read      int64         `json:"read"`
	New       int64         `json:"new"`
	Duplicate int64         `json:"duplicate"`
	Rejected  int64         `json:"rejected"`
	Missing   int64         `json:"missing,omitempty"` // records that the log promises, beyond those read
	Expired   int64         `json:"expired,omitempty"` // older than what is kept: not stored
	Reason    string        `json:"reason,omitempty"`
}

// file imports one file and returns its exit status. An error is one that
// makes going on pointless; a file that cannot be read is told and passed over.
func (c *cliImport) file(ctx context.Context, name string) (int, error) {
	kept, err := c.keep(ctx, name)
	if err != nil {
		return exitFailed, c.tell(intake.Import{Name: name, Status: intake.Failed, Reason: readError(name, err)}, nil)
	}
	done, err := c.run(ctx, name, kept)
	if in := c.e.terminal(); in != nil && !c.im.Spool().Holds(kept.Path) { // what came by a pipe is gone now
		for tries := 0; err == nil && ctx.Err() == nil && importer.NeedsPassword(done) && tries < mostTries; tries++ {
			if c.password, err = typePassword(ctx, c.e, in, "Password of "+printable(name)); err == nil {
				done, err = c.run(ctx, name, kept)
			}
		}
	}
	if err != nil {
		return exitFailed, err
	}
	done.Name = name
	return statusOf(done), c.tellAll(ctx, done)
}

// mostTries is how often a password is asked for.
const mostTries = 3

// run imports a file whose bytes were hashed.
func (c *cliImport) run(ctx context.Context, name string, kept importer.File) (intake.Import, error) {
	imp := c.like
	imp.Name, imp.Path, imp.SHA256, imp.Size, imp.Site = name, kept.Path, kept.SHA256, kept.Size, siteOf(name)
	id, err := c.im.Admit(ctx, imp)
	if err != nil {
		return intake.Import{}, err
	}
	c.im.SetPassword(id, c.password)
	bar := c.progress(ctx, id, name, kept.Size)
	done, err := c.im.Run(ctx, id)
	bar()
	if code := fault.CodeOf(err); code == fault.Full || code == fault.Busy { // goes on when it is imported again
		err = errors.Join(err, c.store.Release(context.WithoutCancel(ctx), done.Owner))
	}
	return done, err
}

// statusOf is the exit status of an import.
func statusOf(done intake.Import) int {
	switch {
	case done.Status != intake.Done:
		return exitFailed
	case done.Rejected > 0, done.Skipped > 0, done.Missing > 0:
		return exitRejected
	}
	return exitDone
}

// tellAll prints what became of a file, and of its members when it is an
// archive.
func (c *cliImport) tellAll(ctx context.Context, done intake.Import) error {
	ctx = context.WithoutCancel(ctx)
	members, err := c.store.Members(ctx, cmp.Or(done.SameAs, done.ID))
	if err != nil {
		return err
	}
	for _, m := range members {
		if done.SameAs != 0 {
			m.New, m.Duplicate = 0, m.Read
		}
		m.Name = done.Name + "!" + m.Name
		if err := c.tellOne(ctx, m); err != nil {
			return err
		}
	}
	if len(members) > 0 && c.asJSON && done.Status == intake.Done {
		return nil
	}
	return c.tellOne(ctx, done)
}

func (c *cliImport) tellOne(ctx context.Context, i intake.Import) error {
	rejections, err := c.store.Rejections(ctx, cmp.Or(i.SameAs, i.ID))
	if err != nil {
		return err
	}
	return c.tell(i, rejections)
}

// keep hashes a file where it lies. What can be read only once, standard input
// or a pipe, goes into the spool.
func (c *cliImport) keep(ctx context.Context, name string) (importer.File, error) {
	if name == "-" {
		return c.keepStream(ctx, c.e.stdin)
	}
	if fi, err := os.Stat(name); err == nil && fi.IsDir() {
		return c.keepFolder(ctx, name)
	} else if err == nil && !fi.Mode().IsRegular() {
		f, err := os.Open(name)
		if err != nil {
			return importer.File{}, err
		}
		defer f.Close()
		return c.keepStream(ctx, f)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return importer.File{}, err
	}
	return importer.Hash(ctx, abs)
}

// keepStream spools a stream. A stream that is silent cannot be made to stop
// waiting, so when ctx is done it is left to the end of the process.
func (c *cliImport) keepStream(ctx context.Context, r io.Reader) (importer.File, error) {
	type kept struct {
		file importer.File
		err  error
	}
	done := make(chan kept, 1)
	go func() {
		f, err := c.im.Spool().Keep(ctx, r, 0)
		done <- kept{f, err}
	}()
	select {
	case k := <-done:
		return k.file, k.err
	case <-ctx.Done():
		return importer.File{}, fault.New(fault.Invalid, "Stopped before all of it had been read; nothing was imported.")
	}
}

func readError(name string, err error) string {
	var p *os.PathError
	f := fault.Find(err)
	switch {
	case f != nil:
		return f.Sentence
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("There is no file %q. Check the name.", name)
	case errors.As(err, &p):
		return fmt.Sprintf("%q cannot be read: %v.", name, p.Err)
	}
	return fmt.Sprintf("%q cannot be read: %v.", name, err)
}

// tell prints what became of a file.
func (c *cliImport) tell(i intake.Import, rejections []intake.Rejection) error {
	if c.asJSON {
		line, err := json.Marshal(outcome{i.Name, i.SHA256, i.Format, i.Status, i.Read, i.New, i.Duplicate, i.Rejected,
			i.Missing, i.Expired, i.Reason})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.e.stdout, "%s\n", unseen.JSON(line))
		return err
	}
	w := c.e.stdout
	fmt.Fprintf(w, "%s: %s", printable(i.Name), i.Status)
	if i.Format != "" {
		fmt.Fprintf(w, " (%s), read %d: new %d, duplicate %d; rejected %d", i.Format, i.Read, i.New, i.Duplicate, i.Rejected)
	}
	if i.Missing > 0 {
		fmt.Fprintf(w, "; missing %d", i.Missing)
	}
	fmt.Fprintln(w)
	if i.Reason != "" {
		fmt.Fprintf(c.e.stderr, "  %s\n", printable(i.Reason))
	}
	if lacks := importer.Lacks(i); lacks != "" {
		fmt.Fprintf(c.e.stderr, "  %s\n", lacks)
	}
	if i.Zoneless > 0 && i.Zone != "" {
		fmt.Fprintf(c.e.stderr, "  %d times carry no zone and were read as %s (--zone sets another).\n", i.Zoneless, i.Zone)
	}
	if i.Note != "" {
		fmt.Fprintf(c.e.stderr, "  %s%s\n", printable(i.Note), noteHint(i))
	}
	if i.Windows1252 > 0 {
		fmt.Fprintf(c.e.stderr, "  %d records are no UTF-8 and were read as Windows-1252.\n", i.Windows1252)
	}
	if i.SameAs > 0 {
		fmt.Fprintf(c.e.stderr, "  The same file was imported before, with the same answers: import %d.\n", i.SameAs)
	}
	if i.Skipped > 0 {
		fmt.Fprintf(c.e.stderr, "  %d of its files are no logs that are read here.\n", i.Skipped)
	}
	if i.Nameless > 0 {
		fmt.Fprintf(c.e.stderr,
			"  %d new events carry no computer name and are in no finding; import with --computer to name it.\n", i.Nameless)
	}
	if i.Expired > 0 {
		fmt.Fprintf(c.e.stderr, "  %d events are older than what is kept here (retention) and were not stored.\n", i.Expired)
	}
	if i.Timeless > 0 {
		fmt.Fprintf(c.e.stderr, "  %d new events carry no time and are in no finding.\n", i.Timeless)
	}
	for n, r := range rejections {
		if n == 10 {
			fmt.Fprintf(c.e.stderr, "  … and %d more\n", i.Rejected-int64(n))
			break
		}
		fmt.Fprintf(c.e.stderr, "  rejected at %s: %s\n", placeOf(r), printable(r.Reason))
	}
	return nil
}

// progress draws a bar on a terminal until the function it returns is called.
func (c *cliImport) progress(ctx context.Context, id int64, name string, size int64) func() {
	f, ok := c.e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || c.asJSON {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				fmt.Fprint(f, "\r\x1b[K")
				return
			case <-tick.C:
				if i, err := c.store.ImportByID(ctx, id); err == nil {
					drawBar(f, filepath.Base(name), i, size)
				}
			}
		}
	}()
	return func() { stop(); <-ended }
}

func drawBar(w io.Writer, name string, i intake.Import, size int64) {
	const width = 30
	part := 1.0
	if size > 0 {
		part = min(1, float64(i.Bytes)/float64(size))
	}
	bar := make([]byte, width)
	for n := range bar {
		bar[n] = '.'
		if float64(n) < part*width {
			bar[n] = '#'
		}
	}
	fmt.Fprintf(w, "\r\x1b[K[%s] %3.0f %%  %d events  %s", bar, part*100, i.Read, printable(name))
}
