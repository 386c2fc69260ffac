package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"escutcheon/fault"
)

func throws(v any) (err error) {
	defer fault.Catch(&err)
	panic(v)
}

// TestCatch: a panic is an error that knows where it was, once, however often it is
// caught; no panic changes no error.
func TestCatch(t *testing.T) {
	first := throws("x")
	p := fault.PanicOf(fmt.Errorf("import 3: %w", first))
	if p == nil || p.Value != "x" || !strings.Contains(p.Stack, "throws") || p.Error() != "panic: x" {
		t.Fatalf("%+v", p)
	}
	p.At = "record 4"
	if again := throws(first); again != first || again.Error() != "panic at record 4: x" {
		t.Errorf("caught again it is %v", again)
	}
	plain := errors.New("plain")
	err := func() (err error) {
		defer fault.Catch(&err)
		return plain
	}()
	if err != plain || fault.PanicOf(err) != nil {
		t.Errorf("without a panic the error is %v", err)
	}
}
