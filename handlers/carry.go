package handlers

import (
	"net/url"
	"slices"

	"escutcheon/views"
)

// anew takes out of a query what is of one moment (views.Passing), and more.
func anew(q url.Values, more ...string) url.Values {
	for _, name := range append(slices.Clone(views.Passing), more...) {
		q.Del(name)
	}
	return q
}

// ofView takes out, besides, what is not of a list's filters and order.
func ofView(q url.Values) url.Values { return anew(q, "view", "facet") }

// untold is an address of ours without what it says was just done.
func untold(address string) string {
	return views.WithQuery(address, "set", "", "changed", "", "undone", "")
}
