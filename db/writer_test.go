package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
)

// behind starts writes one by one behind one that has the turn, lets go, and
// waits until all of them have ended.
func behind(t *testing.T, d *db.DB, writes ...func()) {
	t.Helper()
	var all sync.WaitGroup
	started, hold := make(chan bool), make(chan bool)
	all.Go(func() {
		err := d.Write(context.Background(), func(db.Part) error {
			close(started)
			<-hold
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-started
	for i, w := range writes {
		all.Go(w)
		for d.Queued() != i+1 {
			runtime.Gosched()
		}
	}
	close(hold)
	all.Wait()
}

func put(name string) func(db.Part) error {
	return func(p db.Part) error { return p.Exec(`INSERT INTO setting (name, value) VALUES (?, '')`, name) }
}

func settingNames(t *testing.T, path string) string {
	t.Helper()
	var out string
	if err := raw(t, path).QueryRow(`SELECT ifnull(group_concat(name, ' '), '') FROM (SELECT name FROM setting
		ORDER BY name)`).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWritesThatWaitShareATransactionAndFailAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, ctx := open(t, path), context.Background()
	d.ShareForLong()
	broken := errors.New("broken")
	seen := ""
	behind(t, d,
		func() {
			if err := d.Write(ctx, put("a")); err != nil {
				t.Error(err)
			}
		},
		func() {
			err := d.Write(ctx, func(p db.Part) error { return errors.Join(put("b")(p), broken) })
			if !errors.Is(err, broken) {
				t.Errorf("the one that fails: %v", err)
			}
		},
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a panic is swallowed")
				}
			}()
			_ = d.Write(ctx, func(p db.Part) error {
				_ = put("c")(p)
				panic("c")
			})
		},
		func() {
			_ = d.Write(ctx, func(p db.Part) error {
				_ = put("d")(p)
				runtime.Goexit()
				return nil
			})
		},
		func() {
			if err := d.Write(ctx, func(p db.Part) error {
				seen = settingNames(t, path)
				return put("e")(p)
			}); err != nil {
				t.Error(err)
			}
		})
	if got := settingNames(t, path); got != "a e" {
		t.Errorf("stored: %q", got)
	}
	if seen != "" {
		t.Errorf("others saw %q before the end of the transaction that was shared", seen)
	}
}

func TestSmallAndLargeWritesTakeTurns(t *testing.T) {
	d, ctx := open(t, filepath.Join(t.TempDir(), "x.db")), context.Background()
	d.ShareForLong()
	var order []string // written to by who has the turn
	write := func(run func(context.Context, func(db.Part) error) error, name string) func() {
		return func() {
			if err := run(ctx, func(db.Part) error {
				order = append(order, name)
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
	}
	behind(t, d, write(d.WriteLarge, "L1"), write(d.WriteLarge, "L2"), write(d.Write, "s1"), write(d.Write, "s2"))
	// The one that had the turn was small: s1 and s2 share its transaction.
	if got := strings.Join(order, " "); got != "s1 s2 L1 L2" {
		t.Errorf("order: %s", got)
	}
}

func TestAWriteThatIsNotWantedAnyMoreHoldsUpNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	behind(t, d, func() {
		if err := d.Write(context.Background(), func(p db.Part) error {
			cancel() // its turn may have come by now, or not
			return put("b")(p)
		}); err != nil {
			t.Error(err)
		}
	}, func() {
		if err := d.Write(ctx, put("a")); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}, func() {
		if err := d.Write(context.Background(), put("c")); err != nil {
			t.Error(err)
		}
	})
	if got := settingNames(t, path); got != "b c" {
		t.Errorf("stored: %q", got)
	}
}

func TestTheEpochChangesWhenOthersWriteAndWhenSomethingIsUndone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, other, ctx := open(t, path), open(t, path), context.Background()
	epoch := func() (e int64) {
		if err := d.Write(ctx, func(p db.Part) error {
			e = p.Epoch()
			return put(fmt.Sprint("own", e))(p)
		}); err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := epoch()
	if err := d.Write(ctx, put("more")); err != nil {
		t.Fatal(err)
	}
	var same int64
	if err := d.Write(ctx, func(p db.Part) error { same = p.Epoch(); return nil }); err != nil || same != first {
		t.Errorf("own writes alone: %d, then %d (%v)", first, same, err)
	}
	if err := other.Write(ctx, put("theirs")); err != nil {
		t.Fatal(err)
	}
	second := epoch()
	if second == first {
		t.Error("nothing says that another connection wrote")
	}
	if err := d.Write(ctx, func(db.Part) error { return errors.New("no") }); err == nil {
		t.Fatal("no error")
	}
	if third := epoch(); third == second {
		t.Error("nothing says that a transaction was undone")
	}
}

// child runs a test in a process of its own until it has said something, and
// further until in is closed.
func child(t testing.TB, test, env, said string) (p *exec.Cmd, in io.Closer) {
	t.Helper()
	p = exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v")
	p.Env = append(os.Environ(), env)
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(out); s.Scan() && s.Text() != said; {
	}
	return p, in
}

// TestHoldTheLock is no test: it is the other process of the next one.
func TestHoldTheLock(t *testing.T) {
	path := os.Getenv("ESCUTCHEON_HOLD")
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	if _, err := raw(t, path).Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // the end of it is the end of us
}

func TestAWriterThatWaitsForAnotherProcessSaysWhich(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	d.SetPatience(20 * time.Millisecond)
	other, in := child(t, "TestHoldTheLock", "ESCUTCHEON_HOLD="+path, "held")
	err := d.Write(context.Background(), put("a"))
	if fault.CodeOf(err) != fault.Busy {
		t.Fatalf("while another process writes: %v", err)
	}
	pid := fmt.Sprintf("Another process (%d", other.Process.Pid)
	if s := fault.Sentence(err); runtime.GOOS == "linux" && !strings.HasPrefix(s, pid) {
		t.Errorf("%q does not begin with %q", s, pid)
	}
	told := make(chan string, 1)
	d.OnWait(func(s string) {
		told <- s
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.WriteLarge(context.Background(), put("b")); err != nil {
		t.Errorf("one that waits on: %v", err)
	}
	if s := <-told; runtime.GOOS == "linux" && !strings.HasPrefix(s, pid) {
		t.Errorf("it was told %q", s)
	}
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
	if err := d.Write(context.Background(), put("a")); err != nil {
		t.Errorf("once it is done: %v", err)
	}
}

// TestWriteWithoutAnEnd is no test: it is the other process of the next benchmark.
func TestWriteWithoutAnEnd(t *testing.T) {
	path := os.Getenv("ESCUTCHEON_WRITE")
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	ended := make(chan bool)
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		close(ended)
	}()
	d := open(t, path)
	fmt.Println("writes")
	for {
		select {
		case <-ended:
			return
		default:
		}
		if err := d.WriteLarge(context.Background(), func(p db.Part) error {
			for began := time.Now(); time.Since(began) < 200*time.Millisecond; {
				if err := put("theirs")(p); err != nil {
					return err
				}
				if err := p.Exec(`DELETE FROM setting`); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkWriteBesideAnotherProcess writes something small while another
// process writes 200 ms and again, without a pause of its own.
func BenchmarkWriteBesideAnotherProcess(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	d := open(b, path)
	_, in := child(b, "TestWriteWithoutAnEnd", "ESCUTCHEON_WRITE="+path, "writes")
	defer in.Close()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := d.Write(context.Background(), func(p db.Part) error {
			return p.Exec(`DELETE FROM setting WHERE name = 'ours'`)
		}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.ReportMetric(float64(slices.Max(took).Milliseconds()), "most-ms")
}

func BenchmarkStatement(b *testing.B) {
	d := open(b, filepath.Join(b.TempDir(), "x.db"))
	run := func(name string, call func(p db.Part, i int64) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			err := d.WriteLarge(context.Background(), func(p db.Part) error {
				for i := range int64(b.N) {
					if err := call(p, i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
	run("exec", func(p db.Part, i int64) error {
		return p.Exec(`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
			"one", i)
	})
	run("get", func(p db.Part, _ int64) error {
		var v string
		return p.Get(`SELECT value FROM setting WHERE name = ?`, []any{"one"}, &v)
	})
}

// TestWhatIsAcknowledgedIsOnTheDisk: only what a later write makes final may be
// taken back by a power cut, whatever was written before.
func TestWhatIsAcknowledgedIsOnTheDisk(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "x.db"))
	const normal, full = 1, 2
	for i, w := range []struct {
		write func(context.Context, func(db.Part) error) error
		want  int64
	}{{d.Write, full}, {d.WriteLax, normal}, {d.WriteLarge, full}, {d.WriteLax, normal}, {d.WriteLax, normal},
		{d.Write, full}} {
		var level int64
		if err := w.write(ctx, func(p db.Part) error { return p.Get(`PRAGMA synchronous`, nil, &level) }); err != nil {
			t.Fatal(err)
		}
		if level != w.want {
			t.Errorf("write %d: synchronous is %d, want %d", i, level, w.want)
		}
	}
}
