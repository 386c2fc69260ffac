package spl_test

import "testing"

// fieldformat changes what Splunk shows, not the row.
func TestFieldformat(t *testing.T) {
	runCases(t, []runCase{
		{`* | stats count by a | fieldformat a=lower(a)."|"`, []string{"a=X"}, []string{"a=X count=1"}},
		{`* | fieldformat count=tostring(count,"commas") | stats count`, []string{"a=X"}, []string{"count=1"}},
	})
}
