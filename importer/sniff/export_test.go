package sniff

// Formats are the rows of the table, in its order.
func Formats() []Spec { return table }

// Listed is "a, b and c".
func Listed(names []string) string { return listed(names, "and") }

// Add adds a row to the table until the function that it returns is called.
func Add(s Spec) (remove func()) {
	before := table
	table = append(table[:len(table):len(table)], s)
	return func() { table = before }
}
