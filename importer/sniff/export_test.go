package sniff

// Add adds a row to the table until the function that it returns is called.
func Add(s Spec) (remove func()) {
	before := table
	table = append(table[:len(table):len(table)], s)
	return func() { table = before }
}
