package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
)

// OriginalStore says whether files are kept as they are imported.
type OriginalStore interface {
	KeepsOriginals(ctx context.Context) (bool, error)
	KeepOriginals(ctx context.Context, on bool) error
}

// Originals has the files that are kept, by their SHA-256.
type Originals interface {
	Has(sum string) bool
	// Open opens a kept file; reading it to its end fails when it is damaged.
	Open(sum string) (io.ReadCloser, error)
}

// SetOriginals sets whether files are kept as they are imported.
func (h *Handlers) SetOriginals(c echo.Context) error {
	var on bool
	switch v := c.FormValue("keep"); v {
	case "1":
		on = true
	case "0", "":
	default:
		return fault.New(fault.Invalid, "keep is 1 or 0, not %q.", cut(v, 20))
	}
	if err := h.Ask.Originals.KeepOriginals(c.Request().Context(), on); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]bool{"keep": on})
	}
	return c.Redirect(http.StatusSeeOther, "/settings#originals")
}

// Original sends the file of an import as it was brought.
func (h *Handlers) Original(c echo.Context) error {
	id, err := idParam(c, "import")
	if err != nil {
		return err
	}
	i, err := h.Ask.Imports.ImportByID(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if h.Originals == nil || !h.Originals.Has(i.SHA256) {
		return fault.New(fault.NotFound, "The file of import %d is not kept. Files are kept when the settings say so before "+
			"they are imported.", id)
	}
	// To its end first: what is damaged is not sent as if it were whole.
	if err := h.copyOriginal(io.Discard, i.SHA256); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(i.Size, 10))
	return h.streamAs(c, echo.MIMEOctetStream, attachment(i.Name), func(w io.Writer) error {
		return h.copyOriginal(w, i.SHA256)
	})
}

func (h *Handlers) copyOriginal(to io.Writer, sum string) error {
	f, err := h.Originals.Open(sum)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, f)
	return errors.Join(err, f.Close())
}
