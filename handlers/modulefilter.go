package handlers

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection/ledger"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/views"
)

// moduleFilter is which modules of a ledger are asked for.
type moduleFilter struct{ text, of, present string }

var (
	moduleTypes = []string{string(ledger.Native), string(ledger.Managed), string(ledger.Filter), string(ledger.Handler)}
	presences   = []string{string(ledger.Yes), string(ledger.No), string(ledger.Unknown)}
)

func moduleFilterOf(c echo.Context) (f moduleFilter, err error) {
	if f.text, err = textParam(c); err != nil {
		return f, err
	}
	f.of, f.present = c.QueryParam("type"), c.QueryParam("present")
	for _, p := range []struct {
		name, value string
		known       []string
	}{{"type", f.of, moduleTypes}, {"present", f.present, presences}} {
		if p.value != "" && !slices.Contains(p.known, p.value) {
			return f, fault.New(fault.Invalid, "There is no %s %q of modules. There are %s.", p.name, p.value,
				strings.Join(p.known, ", "))
		}
	}
	return f, nil
}

// all says whether every module is asked for.
func (f moduleFilter) all() bool { return f == moduleFilter{} }

// choose leaves the modules that are asked for.
func (f moduleFilter) choose(l store.Ledger) store.Ledger {
	text := strings.ToLower(f.text)
	l.Modules = slices.DeleteFunc(slices.Clone(l.Modules), func(m store.LedgerModule) bool {
		return f.of != "" && f.of != string(m.Type) || f.present != "" && f.present != string(m.Present) ||
			!strings.Contains(strings.ToLower(strings.Join([]string{m.Name, m.Image, strings.Join(m.Scope, "\n"), m.AddedBy,
				m.RemovedBy, m.Judged, m.Reason, m.Hash}, "\n")), text)
	})
	return l
}

// url is an address of the ledger with what is asked for.
func (f moduleFilter) url(address, asOf string) string {
	return views.WithQuery(address, "as-of", asOf, "q", f.text, "type", f.of, "present", f.present)
}

// show puts the filter on a page.
func (f moduleFilter) show(p *views.ModulesPage) {
	p.Text, p.Filtered = f.text, !f.all()
	p.Types, p.Presences = optionsOf(moduleTypes, f.of), optionsOf(presences, f.present)
}

func optionsOf(values []string, chosen string) []views.Option {
	out := []views.Option{{Label: "all", Selected: chosen == ""}}
	for _, v := range values {
		out = append(out, views.Option{Value: v, Label: v, Selected: v == chosen})
	}
	return out
}

// grave are the judgements whose modules are shown at once.
var grave = []string{ledger.Bad, ledger.Posing, ledger.Unlisted}

// moduleGroups are the rows of a page by their judgements, the gravest first. Where some are
// asked for, or none is grave, all are shown at once.
func moduleGroups(rows []views.ModuleRow, filtered bool) (out []views.ModuleGroup) {
	for _, j := range ledger.Judgements {
		g := views.ModuleGroup{Judgement: j}
		for _, r := range rows {
			if r.Judgement == j {
				g.Rows = append(g.Rows, r)
			}
		}
		if len(g.Rows) > 0 {
			g.Open = filtered || slices.Contains(grave, j)
			out = append(out, g)
		}
	}
	if len(out) > 0 && !out[0].Open {
		out[0].Open = true
	}
	return out
}
