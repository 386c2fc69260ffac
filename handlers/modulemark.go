package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/ledger"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// MarkModule marks a module of a host's ledger as known, on every host, or takes that
// back. It changes how the ledger judges, no finding and no risk.
func (h *Handlers) MarkModule(c echo.Context) error {
	dest := destParam(c)
	l, err := h.Ask.Modules.Ledger(c.Request().Context(), store.VerdictOf{Dest: dest})
	if err != nil {
		return err
	}
	m, err := moduleOfForm(c, l)
	if err != nil {
		return err
	}
	mark := ledger.Mark{Name: m.Name, Image: m.Image, Hash: formText(c, "sha256"), By: formAuthor(c),
		Reason: formText(c, "reason"), Until: strings.TrimSpace(formText(c, "until"))}
	if formText(c, "do") != takeBack {
		err = h.Ask.Modules.MarkKnown(c.Request().Context(), mark)
	} else if m.Mark == nil {
		err = fault.New(fault.NotFound, "This module is not marked as known, or not any more.")
	} else {
		of := *m.Mark
		of.By = mark.By
		err = h.Ask.Modules.UnmarkKnown(c.Request().Context(), of)
	}
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, views.HostModulesURL(dest))
}

// markMonths is for how many months a mark is offered to count.
const markMonths = 6

// takeBack is what the form says that takes a mark back.
const takeBack = "take-back"

// moduleOfForm is the row that a form is about: by its name, its image and the hash of
// its file, as far as the form has them.
func moduleOfForm(c echo.Context, l store.Ledger) (*store.LedgerModule, error) {
	name, image, hash := formText(c, "name"), formText(c, "image"), strings.TrimSpace(formText(c, "sha256"))
	if image == "" && hash == "" && name == "" {
		return nil, fault.New(fault.Invalid, "Say which module: its name, and its image or the SHA-256 of its file.")
	}
	form, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	said := func(field string) bool { return form[field] != nil }
	for i := range l.Modules {
		m := &l.Modules[i]
		if (!said("name") || strings.EqualFold(m.Name, name)) &&
			(!said("image") || detection.ImageKey(m.Image) == detection.ImageKey(image)) &&
			(hash == "" || slices.ContainsFunc(m.Hashes, func(h string) bool { return strings.EqualFold(h, hash) })) {
			return m, nil
		}
	}
	return nil, fault.New(fault.NotFound, "The ledger of %q has no module of that name, image and hash.", l.Dest)
}

// mark is the mark in force of a module of a verdict; nil: it has none.
func (j *judged) mark(i int) *ledger.Mark {
	if i >= len(j.Marks) {
		return nil
	}
	return j.Marks[i]
}

func markWords(m *ledger.Mark) string {
	if m == nil {
		return ""
	}
	return m.Says()
}

// markView is the mark of a row, and what its form says of the row.
func markView(m *store.LedgerModule) (v views.ModuleMark) {
	v = views.ModuleMark{Name: m.Name, Image: m.Image, Hash: m.Hash, Offered: m.Markable()}
	if len(m.Hashes) > 1 {
		v.Hash = "" // which of the files it is nobody knows
	}
	if k := m.Mark; k != nil {
		v.There, v.Expired = true, m.Expired
		v.By, v.At, v.Until, v.Reason = k.By, k.At, k.Until, k.Reason
	}
	return v
}

type markJSON struct {
	By      string  `json:"by"`
	At      *string `json:"at"`
	Until   string  `json:"until"` // a day in UTC
	Reason  string  `json:"reason"`
	SHA256  string  `json:"sha256,omitempty"` // of the file that was marked
	Expired bool    `json:"expired,omitempty"`
}

func markAsJSON(m *ledger.Mark, expired bool) *markJSON {
	if m == nil {
		return nil
	}
	return &markJSON{By: m.By, At: instant(m.At), Until: m.Until, Reason: m.Reason, SHA256: m.Hash, Expired: expired}
}
