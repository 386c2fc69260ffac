//go:build !unix

package db

// mayWrite: a file that may not be written is marked so here.
func mayWrite(string) bool { return true }
