package handlers

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/csvsafe"
	"escutcheon/fault"
	"escutcheon/intake"
)

// RejectedStore has what an import could not read.
type RejectedStore interface {
	// Rejections returns the first rejections, those with a Sample.
	Rejections(ctx context.Context, id int64) ([]intake.Rejection, error)
	// AllRejections yields them all in the file's order, without Sample.
	AllRejections(ctx context.Context, id int64) iter.Seq2[intake.Rejection, error]
	// WriteRejected writes what is kept of the n-th (from 0) and says how many
	// bytes that is.
	WriteRejected(ctx context.Context, w io.Writer, id, n int64) (int64, error)
}

// mostFiles is how many rejected records get a file of their own in a
// download. The bytes of those after them stand in one file, one after another.
const mostFiles = 100_000

// Rejected is what an import could not read, as it was, and why: a zip.
func (h *Handlers) Rejected(c echo.Context) error {
	i, err := h.importParam(c)
	switch {
	case err != nil:
		return err
	case !i.Status.Ended():
		return fault.New(fault.Conflict, "This import is %s. Its rejected records can be downloaded once it has ended.",
			i.Status)
	}
	some, err := h.Ask.Rejected.Rejections(c.Request().Context(), i.ID)
	if err != nil {
		return err
	}
	if len(some) == 0 {
		return fault.New(fault.NotFound, "Import %d has no rejected records of its own.", i.ID)
	}
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	return h.stream(c, "application/zip", fmt.Sprintf("rejected-%d.zip", i.ID), func(w io.Writer) error {
		z := &rejectedZip{h: h, ctx: c.Request().Context(), id: i.ID, zip: zip.NewWriter(w)}
		return z.write()
	})
}

// rejectedZip is one download under way.
type rejectedZip struct {
	h    *Handlers
	ctx  context.Context
	id   int64
	zip  *zip.Writer
	kept []int64 // bytes written of each, in order
	rest io.Writer
}

// write writes the records first: how many bytes are kept of each is known
// only then.
func (z *rejectedZip) write() error {
	offsets := []int64{} // not read while bytes are: a reader that waits holds one connection, not two
	for r, err := range z.h.Ask.Rejected.AllRejections(z.ctx, z.id) {
		if err != nil {
			return err
		}
		offsets = append(offsets, r.Offset)
	}
	for n, at := range offsets {
		out := &member{z: z, name: recordFile(int64(n), at), rest: n >= mostFiles}
		size, err := z.h.Ask.Rejected.WriteRejected(z.ctx, out, z.id, int64(n))
		if err != nil {
			return err
		}
		z.kept = append(z.kept, size)
	}
	if err := z.table(); err != nil {
		return err
	}
	return z.zip.Close()
}

func (z *rejectedZip) table() error {
	f, err := z.zip.Create("rejections.csv")
	if err != nil {
		return err
	}
	w, err := csvsafe.NewWriter(f, "n", "offset", "length", "bytes_kept", "file", "reason", "line")
	if err != nil {
		return err
	}
	n := int64(0)
	for r, err := range z.h.Ask.Rejected.AllRejections(z.ctx, z.id) {
		if err != nil {
			return err
		}
		if n == int64(len(z.kept)) {
			break
		}
		if err := w.Row(z.row(n, r)...); err != nil {
			return err
		}
		n++
	}
	return w.Flush()
}

func (z *rejectedZip) row(n int64, r intake.Rejection) []string {
	length, file, line := "", "", ""
	if r.Length > 0 {
		length = strconv.FormatInt(r.Length, 10)
	}
	if r.Line > 0 {
		line = strconv.FormatInt(r.Line, 10)
	}
	switch {
	case z.kept[n] == 0:
	case n >= mostFiles:
		file = restFile
	default:
		file = recordFile(n, r.Offset)
	}
	return []string{strconv.FormatInt(n+1, 10), strconv.FormatInt(r.Offset, 10), length, strconv.FormatInt(z.kept[n],
		10), file, r.Reason, line}
}

const restFile = "rejected/rest.bin"

func recordFile(n, offset int64) string { return fmt.Sprintf("rejected/%06d-at-%d.bin", n+1, offset) }

// member makes its file in the zip when the first bytes come: there is none
// for a record of which nothing is kept.
type member struct {
	z    *rejectedZip
	name string
	rest bool
	w    io.Writer
}

func (m *member) Write(p []byte) (n int, err error) {
	switch {
	case m.w != nil:
	case m.rest && m.z.rest != nil:
		m.w = m.z.rest
	case m.rest:
		m.z.rest, err = m.z.zip.Create(restFile)
		m.w = m.z.rest
	default:
		m.w, err = m.z.zip.Create(m.name)
	}
	if err != nil {
		return 0, err
	}
	return m.w.Write(p)
}
