package handlers

import (
	"escutcheon/search"
	"escutcheon/views"
)

// sideFields is how many fields the page shows, roomOfFields how long what their values
// lead to may be in bytes, all together: a long search stands in each.
const (
	sideFields   = 40
	roomOfFields = 60_000
)

// fieldsOf are the fields of the events that a search found, for the page.
func fieldsOf(text string, all []search.FieldCount) (out []views.SearchField) {
	room := roomOfFields
	for _, f := range all[:min(len(all), sideFields)] {
		if room -= 2 * (len(f.Often) + len(f.Rare)) * (len(text) + 100); room < 0 {
			break
		}
		one := views.SearchField{Name: f.Name, Events: f.Events, Values: f.Values, More: f.More}
		for _, v := range f.Often {
			one.Often = append(one.Often, valueOf(text, f.Name, v))
		}
		for _, v := range f.Rare {
			one.Rare = append(one.Rare, valueOf(text, f.Name, v))
		}
		out = append(out, one)
	}
	return out
}

func valueOf(text, field string, v search.ValueCount) views.SearchValue {
	return views.SearchValue{Value: v.Value, Count: v.Count, Cut: v.Cut, With: search.Narrow(text, field, v, false),
		Without: search.Narrow(text, field, v, true)}
}
