package event

import (
	"maps"
	"slices"
)

// Derived are the names that an event answers to without a field.
func Derived() []string { return slices.Sorted(maps.Keys(others)) }
