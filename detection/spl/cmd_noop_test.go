package spl_test

import "testing"

func TestNoop(t *testing.T) {
	runCases(t, []runCase{
		{`* | noop | table a`, []string{"a=1"}, []string{"a=1"}},
		{`* | noop search_optimization=false "a | b" x | table a`, []string{"a=1"}, []string{"a=1"}},
		{`* | stats count by a | noop`, []string{"a=1"}, []string{"a=1 count=1"}},
	})
}
