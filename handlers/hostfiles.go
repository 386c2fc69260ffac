package handlers

import (
	"context"
	"strconv"

	"escutcheon/views"
)

// mostBehind is how many of the files behind a host its page names, the newest.
const mostBehind = 100

// filesBehind fills in which files brought the events of a host.
func (h *Handlers) filesBehind(ctx context.Context, p *views.HostPage) error {
	found, all, err := h.Ask.Hosts.FilesOfHost(ctx, p.Dest, mostBehind)
	p.FilesInAll = all
	for _, f := range found {
		p.Files = append(p.Files, views.FileBehind{ID: strconv.FormatInt(f.ID, 10), Name: f.Name, SHA256: f.SHA256,
			Size: f.Size, Events: f.Events, At: f.Created})
	}
	return err
}
