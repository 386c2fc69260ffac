package store

// Damage is something of a database that is not as it was written.
type Damage struct {
	Object string `json:"object"` // "block 65537", "note 3", "file" …
	What   string `json:"what"`
}
