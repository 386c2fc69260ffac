//go:build unix

package importer_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/eventstore"
	"escutcheon/importer"
	"escutcheon/intake"
)

// killChild names the folder of a program that a child process of this test
// binary runs, so that it can be killed.
const killChild = "ESCUTCHEON_KILL_CHILD"

// program is what a child process does with a database, and how far it is: what
// was begun and not ended when it was killed goes on by itself.
type program struct {
	Batch   int
	Actions []action
}

// action brings a file, has it imported again with other answers, deletes it, or
// switches the rules off and on.
type action struct {
	Do             string // "add", "again", "delete" or "rules"
	Name           string
	Zone, Computer string
}

// runProgram is the child's main function.
func runProgram(dir string) int {
	var p program
	text, err := os.ReadFile(filepath.Join(dir, "program"))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil {
		err = p.run(dir)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func (p *program) run(dir string) error {
	d, err := db.Open(ctx, filepath.Join(dir, "test.db"), time.Now)
	if err != nil {
		return err
	}
	all, err := detection.BuiltIn()
	if err != nil {
		return err
	}
	rules := detection.NewRules(all[:1])
	if err := d.UseRules(ctx, rules, importer.Decoder{}); err != nil {
		return err
	}
	im := importer.New(d, func() *detection.Rules { return rules }, importer.NewSpool(d.Path()))
	im.Batch = p.Batch
	c := &child{dir: dir, d: d, im: im, rules: rules, q: importer.NewQueue(im, slog.New(slog.DiscardHandler))}
	fmt.Println("ready")
	done, _ := os.ReadFile(filepath.Join(dir, "done")) // none before the first
	for i := range p.Actions {
		if err := c.settled(); err != nil {
			return err
		}
		if i < len(done) {
			continue
		}
		if err := c.do(p.Actions[i]); err != nil {
			return fmt.Errorf("%+v: %w", p.Actions[i], err)
		}
		done = append(done, '.')
		if err := os.WriteFile(filepath.Join(dir, "done"), done, 0o600); err != nil {
			return err
		}
	}
	return c.settled()
}

type child struct {
	dir string
	d   *db.DB
	im  *importer.Importer
	q   *importer.Queue

	rules *detection.Rules
}

// settled waits until nothing is imported or deleted any more, and no rule is
// behind.
func (c *child) settled() error {
	for {
		left, err := c.d.CatchUp(ctx, 20)
		if err != nil {
			return err
		}
		active, err := c.d.ActiveImports(ctx)
		if err != nil {
			return err
		}
		deleting, err := c.d.DeletingImports(ctx)
		if err != nil || len(active)+len(deleting)+int(left.Rules) == 0 {
			return err
		}
		if left.Rules == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

func (c *child) named(name string) (*intake.Import, error) {
	list, err := c.d.Imports(ctx, 0, 1000)
	if i := slices.IndexFunc(list, func(i intake.Import) bool { return i.Name == name }); i >= 0 {
		return &list[i], err
	}
	return nil, err
}

// do does an action, unless it was done before.
func (c *child) do(a action) error {
	i, err := c.named(a.Name)
	switch {
	case err != nil:
		return err
	case a.Do == "add" && i == nil:
		return c.add(a)
	case a.Do == "again" && i != nil && (i.Zone != a.Zone || i.Computer != a.Computer):
		if _, err := c.q.Again(ctx, i.ID, a.Zone, a.Computer, ""); err != nil {
			return err
		}
		return c.settled()
	case a.Do == "rules":
		if err := c.d.UseRules(ctx, detection.NewRules(nil), importer.Decoder{}); err != nil {
			return err
		}
		return c.d.UseRules(ctx, c.rules, importer.Decoder{})
	case a.Do == "delete" && i != nil:
		_, err := c.q.Delete(ctx, i.ID)
		return err
	}
	return nil
}

func (c *child) add(a action) error {
	f, err := os.Open(filepath.Join(c.dir, a.Name))
	if err != nil {
		return err
	}
	defer f.Close()
	kept, err := c.im.Spool().Keep(ctx, f, 0)
	if err != nil {
		return err
	}
	if _, err := c.q.Submit(ctx, intake.Import{Name: a.Name, Source: intake.Upload, Path: kept.Path, SHA256: kept.SHA256,
		Size: kept.Size, Zone: a.Zone, Computer: a.Computer}, ""); err != nil {
		return err
	}
	return c.settled()
}

// randomProgram brings, deletes and imports again random files, archives among
// them, in any order. It returns what should be there in the end.
func randomProgram(r *rand.Rand, files []piece) (p program, left map[string]action) {
	p, left = program{Batch: 8 + r.IntN(30)}, map[string]action{}
	for range 6 + r.IntN(8) {
		if r.IntN(6) == 0 {
			p.Actions = append(p.Actions, action{Do: "rules"})
		}
		f := files[r.IntN(len(files))]
		a := action{Do: "add", Name: f.name, Zone: "UTC", Computer: f.like.Computer}
		if f.like.Zone != "" {
			a.Zone = f.like.Zone
		}
		_, there := left[f.name]
		switch {
		case there && r.IntN(2) == 0:
			a.Do = "delete"
			delete(left, f.name)
		case there:
			a.Do, a.Zone = "again", []string{"UTC", "Asia/Tokyo", "America/Lima"}[r.IntN(3)]
			a.Computer = []string{"web08", "web09"}[r.IntN(2)]
			fallthrough
		default:
			left[f.name] = a
		}
		p.Actions = append(p.Actions, a)
	}
	return p, left
}

// TestKilledInAnything kills a process at random moments while it imports,
// deletes, imports again and changes the rules; in the end the database holds what one holds into
// which the files that are left came once, undisturbed: the same findings, risk,
// hosts, events with their bytes, and counts.
func TestKilledInAnything(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 3
	}
	for seed, killed := uint64(0), 0; killed < kills; seed++ {
		r := rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano())))
		files := pieces(r, randomRecords(r, 30))
		// No two files are the same to the byte: one that is recognised has no sightings.
		other := func(n int) []byte { return append(slices.Clone(files[n].data), '\n') }
		files[9].data = append(other(9), '\n')
		files = append(files, piece{name: "zip", data: zipped(t, file{"a", other(1)}, file{"b", other(5)},
			file{"c", other(8)})}, piece{name: "torn", data: append([]byte("junk {\n"), files[2].data...)})
		dir := t.TempDir()
		p, left := randomProgram(r, files)
		text, err := json.Marshal(p)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "program"), text, 0o600)
		}
		for _, f := range files {
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, f.name), f.data, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		for n := r.IntN(24); killRun(t, dir, n > 0, time.Duration(r.IntN(60))*time.Millisecond); n-- {
			killed++
		}
		got, want := benchAt(t, filepath.Join(dir, "test.db")), newBench(t)
		for _, i := range r.Perm(len(files)) {
			if a, ok := left[files[i].name]; ok {
				want.add(a.Name, files[i].data, intake.Import{Zone: a.Zone, Computer: a.Computer})
			}
		}
		if g, w := got.everything(), want.everything(); g != w {
			t.Fatalf("%s\ndiffers:\n%s", text, firstDifference(strings.ReplaceAll(g, "\n", "\r\n"),
				strings.ReplaceAll(w, "\n", "\r\n")))
		}
	}
}

// killRun runs a program, kills it so long after it began if it is to be, and says
// whether it did.
func killRun(t *testing.T, dir string, kill bool, after time.Duration) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killChild+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() != "ready" {
			said.WriteString(lines.Text())
		} else if kill {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may be over already
		}
	}
	if err = cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() >= 0 {
		t.Fatalf("%v: %s", err, said.String())
	}
	return err != nil
}

// benchAt is a bench over a database that is there.
func benchAt(t *testing.T, path string) *bench {
	t.Helper()
	d, err := db.Open(context.Background(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	all, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: d, spool: importer.NewSpool(d.Path()), step: 500}
	b.use(all[:1])
	return b
}

// everything is what a database holds of its imports, one line each.
func (b *bench) everything() string {
	b.t.Helper()
	var lines []string
	for _, i := range b.imports() {
		members, err := b.store.Members(ctx, i.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, i := range append(members, i) {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s: %d read of %d, %d rejected", i.Name, i.Format, i.Status, i.Zone,
				i.Computer, i.Read, i.Bytes, i.Rejected))
		}
	}
	lines = append(lines, b.originals()...)
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n" + b.dump() + b.events()
}

// originals are the bytes of all events where they were seen, each event's in one
// line.
func (b *bench) originals() (lines []string) {
	b.t.Helper()
	var ids []int64
	err := b.store.Scan(ctx, eventstore.Query{}, func(c *eventstore.Chunk) (func() error, error) {
		var mine []int64
		for _, row := range c.Rows {
			mine = append(mine, c.Number(row))
		}
		return func() error { ids = append(ids, mine...); return nil }, nil
	})
	for _, id := range ids {
		var raws []string
		seen, err := b.store.Sightings(ctx, id)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, s := range seen {
			raws = append(raws, fmt.Sprintf("%q as %+v", s.Raw, s.Reading))
		}
		slices.Sort(raws)
		lines = append(lines, "seen as "+strings.Join(raws, ", "))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return lines
}
