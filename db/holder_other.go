//go:build !unix

package db

// lockHolder is the process that writes to a database: nobody says so here.
func lockHolder(string) int { return 0 }
