package handlers

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"

	"github.com/labstack/echo/v4"

	"escutcheon/demo"
	"escutcheon/intake"
)

// Demo imports the demo logs.
func (h *Handlers) Demo(c echo.Context) (err error) {
	dir, err := os.MkdirTemp("", "escutcheon-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := demo.Write(dir, h.Now())
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := h.demoFile(c, name); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/imports")
}

func (h *Handlers) demoFile(c echo.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	kept, err := h.Spool.Keep(c.Request().Context(), f, 0)
	if err != nil {
		return err
	}
	_, err = h.Queue.Add(c.Request().Context(), intake.Import{Name: filepath.Base(name), Source: intake.Demo, Zone: "UTC",
		Path: kept.Path, SHA256: kept.SHA256, Size: kept.Size})
	if err != nil {
		return errors.Join(err, h.Spool.Drop(kept.Path))
	}
	return nil
}
