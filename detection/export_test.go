package detection

import "escutcheon/detection/spl"

// FilterDefinition is the definition that a filter's expression comes to.
func FilterDefinition(expression string, macros spl.Macros) (string, error) {
	return filterDefinition(expression, Env(macros, nil))
}
