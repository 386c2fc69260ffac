package detection

import (
	"strings"

	"escutcheon/event"
)

// Kinds of what is told of a module's file while the server runs: Image is where it lies.
// They are of the ledger alone.
const (
	ImageLoaded Kind = 1 << (18 + iota) // a worker process loaded it
	LoadFailed                          // one could not
)

// Beside are the kinds that are of no verdict.
const Beside = Blinding | ImageLoaded | LoadFailed

// windowsOwn are folders of Windows from which a worker process loads very many files
// that are no modules.
var windowsOwn = []string{"c:/windows/winsxs/", "c:/windows/assembly/", "c:/windows/microsoft.net/",
	"c:/windows/systemapps/"}

// loadOf is what an event says of a module's file that was loaded, or could not be. Of
// what Windows itself brings, only what lies where IIS keeps its modules is of note.
func loadOf(e *event.Event) (c ChangeEvent, ok bool) {
	switch {
	case e.EventCode == 7 && e.IsSysmon():
		process, _ := e.Get("Image")
		if !strings.HasSuffix(strings.ToLower(process), `\w3wp.exe`) {
			return c, false
		}
		c.Image, _ = e.Get("ImageLoaded")
		c.Kind = ImageLoaded
		if signed, _ := e.Get("Signed"); strings.EqualFold(signed, "true") && !ofNoteWhere(c.Image) {
			return c, false
		}
	case (e.EventCode == 2280 || e.EventCode == 2282) && strings.Contains(strings.ToLower(e.Provider), "w3svc-wp"):
		c.Image, _ = e.Get("ModuleDll")
		c.Kind = LoadFailed
	}
	return c, c.Image != ""
}

// ofNoteWhere says whether a file that is signed is of note by where it lies.
func ofNoteWhere(image string) bool {
	p := normalizePath(image)
	if strings.HasPrefix(p, "c:/windows/system32/inetsrv/") {
		return true
	}
	if strings.HasPrefix(p, "c:/windows/system32/") {
		return false
	}
	for _, own := range windowsOwn {
		if strings.HasPrefix(p, own) {
			return false
		}
	}
	return true
}
