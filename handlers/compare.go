package handlers

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/search"
	"escutcheon/views"
)

// What a page of two events shows of each, in bytes: of one value, of all fields.
const (
	compareValue  = 4 << 10
	compareFields = 24 << 10
)

// CompareEvents is two events side by side: a and b, or those that a list has chosen.
func (h *Handlers) CompareEvents(c echo.Context) error {
	chosen := c.QueryParams()["event"]
	for _, name := range []string{"a", "b"} {
		if v := c.QueryParam(name); v != "" {
			chosen = append(chosen, v)
		}
	}
	if len(chosen) == 0 { // the button of a list, before anything was chosen
		back := "/search"
		if s := h.searchOf(c); s != nil {
			back = openSearch(s.Text, search.Asked{Earliest: s.Earliest, Latest: s.Latest, Now: s.NowIs})
		}
		return c.Redirect(http.StatusSeeOther, back)
	}
	if len(chosen) != 2 {
		return fault.New(fault.Invalid, "Choose two events to compare; %d were chosen.", len(chosen))
	}
	p := views.ComparePage{Search: h.searchOf(c)}
	var fields [2][]event.Field
	for i, into := range []*views.ComparedEvent{&p.A, &p.B} {
		id, err := strconv.ParseInt(chosen[i], 10, 64)
		if err != nil {
			return fault.New(fault.Invalid, "%q is no number of an event.", chosen[i])
		}
		e, _, err := h.decoded(c.Request().Context(), id)
		if err != nil {
			return err
		}
		var was bool
		fields[i], was = cutFields(e.Fields, compareValue, compareFields)
		p.Cut = p.Cut || was
		*into = views.ComparedEvent{ID: id, Time: e.Time(), Dest: e.Computer, Code: e.EventCode}
	}
	p.Differ, p.Same = compared(fields[0], fields[1])
	var err error
	if p.Frame, err = h.frame(c, fmt.Sprintf("Events %s and %s", chosen[0], chosen[1])); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Compare(p))
}

// compared are the fields of two events in the order of the first, then those that the
// second alone has. One without a value is not there.
func compared(a, b []event.Field) (differ, same []views.ComparedField) {
	index := map[string]int{}
	var all []views.ComparedField
	for i, list := range [][]event.Field{a, b} {
		for _, f := range list {
			if f.Value == "" {
				continue
			}
			at, ok := index[f.Name]
			if !ok {
				at = len(all)
				index[f.Name] = at
				all = append(all, views.ComparedField{Name: f.Name})
			}
			if i == 0 {
				all[at].A, all[at].HasA = f.Value, true
			} else {
				all[at].B, all[at].HasB = f.Value, true
			}
		}
	}
	for _, f := range all {
		if f.HasA == f.HasB && f.A == f.B {
			same = append(same, f)
		} else {
			differ = append(differ, f)
		}
	}
	return differ, same
}
