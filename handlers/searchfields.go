package handlers

import (
	"escutcheon/search"
	"escutcheon/views"
)

// fieldOf is a field of the events, for the page.
func fieldOf(f search.FieldCount) views.SearchField {
	out := views.SearchField{Name: f.Name, Events: f.Events, Values: f.Values, More: f.More}
	for _, v := range f.Often {
		out.Often = append(out.Often, views.SearchValue{Value: v.Value, Count: v.Count})
	}
	for _, v := range f.Rare {
		out.Rare = append(out.Rare, views.SearchValue{Value: v.Value, Count: v.Count})
	}
	return out
}
