package fault

// explain makes coded errors of those of a library.
var explain []func(error) *Error

// Explains has f say what errors mean that carry no code, or nil where it does not
// know; it is called by a package's init. So what a library says in riddles reaches
// nobody, wherever it comes up.
func Explains(f func(error) *Error) { explain = append(explain, f) }
