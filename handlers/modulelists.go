package handlers

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/views"
)

// ModuleLists are the lists that modules are judged by; q chooses entries that have a
// text.
func (h *Handlers) ModuleLists(c echo.Context) error {
	text, err := textParam(c)
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	mine, err := h.Ask.Modules.KnownList(c.Request().Context())
	if err != nil {
		return err
	}
	asked := strings.ToLower(text)
	out, p := []listedJSON{}, views.ModuleListsPage{Text: text}
	list := views.ModuleList{ID: yours, Open: text != ""}
	for _, e := range mine.Entries {
		if strings.Contains(strings.ToLower(e.Value+"\n"+e.Note+"\n"+e.Source), asked) {
			out = append(out, listedJSON{List: yours, Kind: e.Kind, Value: e.Value, Of: e.Note, Source: e.Source,
				About: e.Judgement, Date: mine.Loaded.UTC().Format(time.DateOnly)})
			list.Entries = append(list.Entries, views.ListedModule{List: yours, Kind: e.Kind, Value: e.Value, Of: e.Note,
				About: e.Judgement + ": " + cmp.Or(e.Source, mine.Name), Date: "loaded " + mine.Loaded.UTC().Format(time.DateOnly)})
		}
	}
	if len(list.Entries) > 0 {
		p.Lists = append(p.Lists, list)
	}
	at := map[string]int{}
	for _, e := range detection.Lists() {
		if !strings.Contains(strings.ToLower(e.Name+"\n"+e.Value+"\n"+e.Of+"\n"+e.Source+"\n"+e.About), asked) {
			continue
		}
		out = append(out, listedAsJSON(&e))
		key := e.List
		if e.Strength == detection.ByHash {
			key = "hashes"
		}
		i, has := at[key]
		if !has {
			i = len(p.Lists)
			at[key], p.Lists = i, append(p.Lists, views.ModuleList{ID: key, Open: text != ""})
		}
		p.Lists[i].Entries = append(p.Lists[i].Entries, listedView(&e))
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]any{"complete": false, "entries": out})
	}
	if p.Frame, err = h.frame(c, "Lists of modules"); err != nil {
		return err
	}
	p.Frame.Search = "" // q is this page's own
	return render(c, http.StatusOK, views.ModuleLists(p))
}

func listedAsJSON(e *detection.ListEntry) listedJSON {
	return listedJSON{e.List, e.Kind, e.Name, e.Value, e.Of, string(e.Strength), e.Weak, e.Source, e.About, e.Date}
}

func listedView(e *detection.ListEntry) views.ListedModule {
	return views.ListedModule{List: e.List, Kind: e.Kind, Name: e.Name, Value: e.Value, Of: e.Of, About: e.About,
		Date: e.Date, Strength: string(e.Strength), Weak: e.Weak}
}
