package verdict

// Settled says that what the sentence of a verdict with a gravity tells of is closed
// or suppressed: it stays, and does not rank the host.
func Settled(g Gravity, sentence string) bool { return g == None && sentence != NoChange }
