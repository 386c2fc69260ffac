package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// DeletionStore says what would go with an import that is deleted.
type DeletionStore interface {
	// Heir is the import that would take a deleted one's place, or 0.
	Heir(ctx context.Context, id int64) (int64, error)
	// RestsOn counts what rests on an import alone.
	RestsOn(ctx context.Context, id int64) (store.Alone, error)
	ImportByID(ctx context.Context, id int64) (intake.Import, error)
	Members(ctx context.Context, parent int64) ([]intake.Import, error)
	MemberCounts(ctx context.Context, parent int64) (map[intake.Status]int64, error)
}

// Again imports a file once more with other answers. The new import takes the
// old one's place.
func (h *Handlers) Again(c echo.Context) error {
	i, err := h.importParam(c)
	if err != nil {
		return err
	}
	files, err := h.Ask.Imports.ArtifactsOfImport(c.Request().Context(), i.ID, 1)
	if err != nil {
		return err
	}
	if i.Read == 0 && len(files) == 0 && i.Status.Ended() {
		return fault.New(fault.Conflict, "Import %d stored nothing that could be read again. Upload the file once more.",
			i.ID)
	}
	counts, err := h.Ask.Deletion.MemberCounts(c.Request().Context(), i.ID)
	if err != nil {
		return err
	}
	if counts[intake.Asking] > 0 {
		return fault.New(fault.Conflict, "Members of this archive wait for an answer. Answer for them first, or cancel them.")
	}
	a := answerOf(c)
	id, err := h.Queue.Again(c.Request().Context(), i.ID, a.Zone, a.Computer, a.Dates)
	if err != nil {
		return err
	}
	return h.began(c, intake.Import{ID: id, Name: i.Name, Status: intake.Queued})
}

// mostCounted is up to how many records it is counted what rests on an import
// alone, before somebody deletes it.
const mostCounted = 200_000

// DeleteImportPage asks whether an import is to go, and says what goes with it.
func (h *Handlers) DeleteImportPage(c echo.Context) error {
	ctx := c.Request().Context()
	i, err := h.importParam(c)
	if err != nil {
		return err
	}
	counts, err := h.deletable(c, i)
	if err != nil {
		return err
	}
	p := views.DeletePage{Import: h.importRow(i)}
	for _, n := range counts {
		p.Members += n
	}
	if p.Frame, err = h.frame(c, "Delete the import of "+i.Name); err != nil {
		return err
	}
	heir, err := h.Ask.Deletion.Heir(ctx, i.ID)
	if err != nil {
		return err
	}
	p.Heir = number(heir)
	if heir == 0 && i.SameAs == 0 && i.Read <= mostCounted {
		a, err := h.Ask.Deletion.RestsOn(ctx, i.ID)
		if err != nil {
			return err
		}
		p.Counted, p.Events, p.Findings, p.Hosts = true, a.Events, a.Findings, a.Hosts
	}
	return render(c, http.StatusOK, views.Delete(p))
}

// deletable refuses an import that cannot be deleted now. It counts an
// archive's members.
func (h *Handlers) deletable(c echo.Context, i intake.Import) (map[intake.Status]int64, error) {
	if i.Parent != 0 {
		return nil, fault.New(fault.Conflict, "This file is a member of an archive. Delete the whole archive, import %d.",
			i.Parent)
	}
	if i.Status == intake.Queued || i.Status == intake.Running {
		return nil, fault.New(fault.Conflict, "This import is %s. Cancel it first.", i.Status)
	}
	counts, err := h.Ask.Deletion.MemberCounts(c.Request().Context(), i.ID)
	if err == nil && counts[intake.Running]+counts[intake.Queued] > 0 {
		err = fault.New(fault.Conflict,
			"Members of this archive are being imported. Wait for their end, or cancel them, and then delete it.")
	}
	return counts, err
}

// DeleteImport deletes an import and what rests on it alone.
func (h *Handlers) DeleteImport(c echo.Context) error {
	ctx := c.Request().Context()
	i, err := h.importParam(c)
	if err != nil {
		return err
	}
	counts, err := h.deletable(c, i)
	if err != nil {
		return err
	}
	if err := h.dropWaiting(ctx, i, counts[intake.Asking]); err != nil {
		return err
	}
	done, err := h.Queue.Delete(ctx, i.ID)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		if !done { // it goes on, and the import is "deleting" until it has ended
			return c.NoContent(http.StatusAccepted)
		}
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/imports?deleted=%d", i.ID))
}

// dropWaiting gives the files back that an import and its members wait with.
func (h *Handlers) dropWaiting(ctx context.Context, i intake.Import, members int64) error {
	if i.Status == intake.Asking {
		return h.Queue.Cancel(ctx, i.ID)
	}
	if members == 0 {
		return nil
	}
	list, err := h.Ask.Deletion.Members(ctx, i.ID)
	for _, m := range list {
		if m.Status == intake.Asking && err == nil {
			err = h.Queue.Cancel(ctx, m.ID)
		}
	}
	return err
}

// deleted is the import that an address says was deleted, if it is gone.
func (h *Handlers) deleted(c echo.Context) (string, error) {
	id, err := strconv.ParseInt(c.QueryParam("deleted"), 10, 64)
	if err != nil || id <= 0 {
		return "", nil
	}
	_, err = h.Ask.Deletion.ImportByID(c.Request().Context(), id)
	if fault.CodeOf(err) == fault.NotFound {
		return number(id), nil
	}
	return "", err
}
