package handlers

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // what a logo may be
	_ "image/png"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
)

// What a logo may be at most: bytes, and pixels on a side.
const (
	mostLogo      = 256 << 10
	mostLogoSide  = 4000
	logoRefused   = "A logo is a PNG or JPEG picture of at most 256 KiB and 4,000 pixels on a side."
	logoIsTooMuch = "The logo is larger than 256 KiB. Make it smaller: it is printed 240 pixels wide."
)

// LogoStore keeps the picture at the head of reports.
type LogoStore interface {
	// Logo is the picture, PNG or JPEG; none without.
	Logo(ctx context.Context) ([]byte, error)
	KeepLogo(ctx context.Context, picture []byte) error
}

func (h *Handlers) logo(ctx context.Context) ([]byte, error) {
	if h.Ask.Logo == nil {
		return nil, nil
	}
	return h.Ask.Logo.Logo(ctx)
}

// Logo sends the picture at the head of reports.
func (h *Handlers) Logo(c echo.Context) error {
	picture, err := h.logo(c.Request().Context())
	if err == nil && len(picture) == 0 {
		err = fault.New(fault.NotFound, "Reports have no logo. Choose one in the settings.")
	}
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, http.DetectContentType(picture), picture)
}

// SetLogo keeps the picture at the head of reports, or takes it away.
func (h *Handlers) SetLogo(c echo.Context) error {
	var picture []byte
	if c.FormValue("do") != "remove" {
		var err error
		if picture, err = logoOf(c); err != nil {
			return err
		}
	}
	if err := h.Ask.Logo.KeepLogo(c.Request().Context(), picture); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, "/settings#logo")
}

// logoOf reads a picture from a form: one that is what it says.
func logoOf(c echo.Context) ([]byte, error) {
	f, err := c.FormFile("file")
	if err != nil {
		return nil, fault.New(fault.Invalid, "The form brings no picture. Choose one.")
	}
	if f.Size > mostLogo {
		return nil, fault.New(fault.TooLarge, logoIsTooMuch)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	picture, err := io.ReadAll(io.LimitReader(r, mostLogo+1))
	if err != nil {
		return nil, err
	}
	is, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || is.Width > mostLogoSide || is.Height > mostLogoSide {
		return nil, fault.New(fault.Invalid, logoRefused)
	}
	return picture, nil
}
