package spl

import (
	"fmt"
	"maps"
	"slices"
)

// unknownTable refuses the name of a lookup table that is none.
func (c *compiler) unknownTable(at int, name string) *Error {
	e := c.fault(at, fmt.Sprintf("lookup table %q", name), "is not known")
	if near := Near(name, slices.Collect(maps.Keys(c.env.Tables))); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}
