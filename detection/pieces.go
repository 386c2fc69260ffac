package detection

import (
	_ "embed"
	"strings"
)

//go:embed knownpieces.tsv
var knownPiecesTSV string

// Piece is a name inside the files of bad modules that a report tells: of a path of
// symbols, or of the file itself. It judges nothing by itself.
type Piece struct{ Value, Family, Source string }

// Pieces are those that a file has: by the path of its symbols, and by its name inside.
func Pieces(pdb, internal string) (out []Piece) {
	pdb, internal = strings.ToLower(pdb), strings.ToLower(internal)
	for f := range tsvRows(knownPiecesTSV, 4) {
		value := strings.ToLower(f[1])
		if f[0] == "pdb" && pdb != "" && strings.Contains(pdb, value) || f[0] == "name" && internal == value {
			out = append(out, Piece{f[1], f[2], f[3]})
		}
	}
	return out
}
