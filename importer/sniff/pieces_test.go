package sniff_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/pieces"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// taken is a record as a piece gave it.
type taken struct {
	piece    record.Piece
	event    event.Event
	rejected *record.Rejected
}

// readPieces reads a stream in pieces, and says how many of them counted.
func readPieces(in []byte, opt record.Options, size, workers int) (res result, counted int) {
	ps, info, err := sniff.OpenPieces(bytes.NewReader(in), opt, size, workers)
	if res = (result{info: info, err: err}); err != nil {
		return res, 0
	}
	var last record.Piece
	res.err = pieces.Parallel(context.Background(), ps, workers,
		func(p record.Piece, emit func(taken) error) (record.Piece, error) {
			return p.Read(func(e *event.Event, rejected *record.Rejected) error {
				t := taken{piece: p, event: *e, rejected: rejected}
				t.event.Fields = slices.Clone(e.Fields)
				return emit(t)
			})
		}, func(t taken) error {
			if t.piece != last {
				last = t.piece
				counted++
			}
			if t.rejected != nil {
				res.rejected = append(res.rejected, *t.rejected)
			} else {
				res.events = append(res.events, t.event)
			}
			return nil
		})
	return res, counted
}

// String of a rejection has its length too, which result's has not.
func lengths(r result) string {
	var b strings.Builder
	for _, rej := range r.rejected {
		fmt.Fprint(&b, rej.Length, " ")
	}
	return b.String()
}

// cuttable are logs of every format that is read in pieces.
func cuttable(bulk int) map[string][]byte {
	var some []logwriter.Record
	for r := range logwriter.Bulk(bulk, 3) {
		some = append(some, *r)
	}
	some = append(some, changes()...)
	some = append(some, recorded()...)
	out := map[string][]byte{}
	for _, s := range shapes {
		out["json "+s.name] = s.write(nil, some)
	}
	for i, w := range writers {
		out[fmt.Sprint(w.format, i)] = []byte(w.log(some))
	}
	for _, r := range requestLogs {
		out[r.name] = r.write(requestsOf(len(some), "WEB01"))
	}
	for i := range some {
		r := &some[i]
		out["text"] = logwriter.AppendText(out["text"], r, time.UTC)
		out["xml"] = append(logwriter.AppendXML(out["xml"], r, i%2 == 0), '\n')
		out["xml without lines"] = logwriter.AppendXML(out["xml without lines"], r, false)
		out["modules"] = fmt.Appendf(out["modules"], "Schema=\"Microsoft.IIs.PowerShell.Framework.ConfigurationElement\"\n"+
			"Name=\"m%d\"\nImage=\"C:\\\\m%d.dll\"\n\n", i, i)
	}
	out["xml wrapped"] = append(append([]byte("<?xml version='1.0'?>\n<Events>"), out["xml"]...), "</Events>\n"...)
	for _, name := range []string{"text", "xml", "json " + shapes[0].name, fmt.Sprint(writers[0].format, 0)} {
		out[name+" UTF-16"] = utf16(string(out[name]), record.UTF16LE, true)
	}
	return out
}

// damage spoils a log.
func damage(r *rand.Rand, in []byte) []byte {
	out := slices.Clone(in)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(out))
		end := min(len(out), at+1+r.IntN(400))
		switch r.IntN(7) {
		case 0:
			out[at] ^= 1 << r.IntN(8)
		case 1:
			out = slices.Delete(out, at, end)
		case 2:
			clear(out[at:end])
		case 3:
			out = slices.Insert(out, at, in[r.IntN(len(in)):]...)
		case 4:
			out = slices.Insert(out, at, []byte("\n\"junk\n{ <Event> LogName=\n")...)
		case 5:
			out = out[:max(at, len(out)/2)]
		case 6:
			out = slices.Insert(out, at, out[at:end]...)
		}
	}
	return out
}

// TestPieces: a log read in pieces of any size, by any number of workers, gives
// what it gives read in one go, whole or damaged.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for name, in := range cuttable(40) {
		t.Run(name, func(t *testing.T) {
			opt := record.Options{Computer: "web01", Dates: record.MDY}
			for range rounds() {
				data := in
				if r.IntN(8) > 0 {
					data = damage(r, in)
				}
				size, workers := 16+r.IntN(len(in)), 1+r.IntN(4)
				whole := read(t, bytes.NewReader(data), opt)
				res, _ := readPieces(data, opt, size, workers)
				if got, want := noteOf(t, data, opt, size, workers); got != want {
					t.Fatalf("in pieces %q is told, in one go %q", got, want)
				}
				if got, want := res.String(), whole.String(); got != want || lengths(res) != lengths(whole) {
					t.Fatalf("size %d, %d workers: %s", size, workers, firstLine(got, want))
				}
			}
		})
	}
}

// noteOf is what a log read in pieces, and in one go, tells of itself.
func noteOf(t *testing.T, in []byte, opt record.Options, size, workers int) (got, want string) {
	t.Helper()
	rd, _, err := sniff.Open(bytes.NewReader(in), opt)
	w, ok := rd.(record.Witness)
	if err != nil || !ok {
		return "", ""
	}
	drain(t, rd)
	ps, _, err := sniff.OpenPieces(bytes.NewReader(in), opt, size, workers)
	if err != nil {
		t.Fatal(err)
	}
	err = pieces.Parallel(context.Background(), ps, workers,
		func(p record.Piece, _ func(int) error) (record.Piece, error) {
			return p.Read(func(*event.Event, *record.Rejected) error { return nil })
		}, func(int) error { return nil })
	if err != io.EOF && err != nil {
		t.Fatal(err)
	}
	return ps.(record.Witness).Note(), w.Note()
}

// TestPiecesCount: of a log that is whole, no reader reads much more than one
// piece.
func TestPiecesCount(t *testing.T) {
	for name, in := range cuttable(500) {
		if name == "w3c, no date" || name == "w3c, no #Fields" { // whose lines say less than those above them
			continue
		}
		res, counted := readPieces(in, record.Options{}, len(in)/10, 2)
		if len(res.events) > 100 && (counted < 5 || res.err != nil) {
			t.Errorf("%s: %d pieces of %d bytes counted; %v", name, counted, len(in), res.err)
		}
	}
}

// firstLine is where two texts differ.
func firstLine(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n%.2000s\nwant\n%.2000s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestPiecesCancelled: readers that wait for more are woken when the context is
// done, wherever it is.
func TestPiecesCancelled(t *testing.T) {
	in := cuttable(40)["text"]
	for most := range 60 {
		ctx, cancel := context.WithCancel(context.Background())
		ps, _, err := sniff.OpenPieces(bytes.NewReader(in), record.Options{}, 300, 2)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = pieces.Parallel(ctx, ps, 2, func(p record.Piece, emit func(int) error) (record.Piece, error) {
			return p.Read(func(*event.Event, *record.Rejected) error { return emit(1) })
		}, func(int) error {
			if n++; n > most {
				cancel()
			}
			return nil
		})
		cancel()
		if err != nil && err != context.Canceled || err == nil && n < 40 {
			t.Fatalf("%d records, %v", n, err)
		}
	}
}

// TestPiecesStop: an error of whoever takes the records ends all workers.
func TestPiecesStop(t *testing.T) {
	in := cuttable(40)["text"]
	ps, _, err := sniff.OpenPieces(bytes.NewReader(in), record.Options{}, 500, 3)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = pieces.Parallel(context.Background(), ps, 3,
		func(p record.Piece, emit func(int) error) (record.Piece, error) {
			return p.Read(func(*event.Event, *record.Rejected) error { return emit(1) })
		}, func(int) error {
			if n++; n == 5 {
				return io.ErrClosedPipe
			}
			return nil
		})
	if err != io.ErrClosedPipe || n != 5 {
		t.Errorf("%d records, %v", n, err)
	}
}

// rounds is how many logs of a format are tried.
func rounds() int {
	if testing.Short() {
		return 2
	}
	return 6
}
