package handlers

import (
	"net/http"
	"strings"

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
	asked := strings.ToLower(text)
	out, p := []listedJSON{}, views.ModuleListsPage{Text: text}
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
