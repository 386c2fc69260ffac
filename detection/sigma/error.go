package sigma

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Error says what is wrong in a file, and where: from line 1 and column 1 on.
type Error struct {
	Line, Column int
	Reason       string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// fault is an error at a node.
func fault(n *yaml.Node, format string, args ...any) error {
	return &Error{n.Line, n.Column, fmt.Sprintf(format, args...)}
}

// faultAt is an error so many bytes into the text of a scalar: exact where the text
// stands on one line without escapes.
func faultAt(n *yaml.Node, at int, format string, args ...any) error {
	e := &Error{n.Line, n.Column, fmt.Sprintf(format, args...)}
	switch n.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		e.Line, e.Column = e.Line+1, 1
		for i := range min(at, len(n.Value)) {
			if e.Column++; n.Value[i] == '\n' {
				e.Line, e.Column = e.Line+1, 1
			}
		}
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		e.Column += at + 1
	default:
		e.Column += at
	}
	return e
}
