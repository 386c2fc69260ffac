package fault

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Panic is a panic that was caught: what was worked on fails, and nothing else. It is
// always a fault of ours, whatever was in the input.
type Panic struct {
	At    string // what was worked on; "" where that is not known
	Value any
	Stack string
}

func (p *Panic) Error() string {
	if p.At == "" {
		return fmt.Sprintf("panic: %v", p.Value)
	}
	return fmt.Sprintf("panic at %s: %v", p.At, p.Value)
}

// Catch makes a panic of the function that defers it that function's error.
func Catch(err *error) {
	if v := recover(); v != nil {
		*err = Caught(v)
	}
}

// Caught is the Panic of a value that was recovered: the same one where it was caught
// before, on another goroutine.
func Caught(v any) *Panic {
	if p, ok := v.(*Panic); ok {
		return p
	}
	return &Panic{Value: v, Stack: string(debug.Stack())}
}

// PanicOf is the Panic in an error's chain, or nil.
func PanicOf(err error) *Panic {
	var p *Panic
	if errors.As(err, &p) {
		return p
	}
	return nil
}
