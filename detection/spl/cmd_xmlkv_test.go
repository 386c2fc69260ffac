package spl_test

import "testing"

func TestXmlkv(t *testing.T) {
	runCases(t, []runCase{
		{`* | xmlkv m | table A B`, []string{"m=<r><A>1</A><B>x y</B></r>"}, []string{"A=1 B=x y"}},
		{`* | xmlkv | table A`, []string{"_raw=<r><A>1</A></r>"}, []string{"A=1"}},
		{`* | xmlkv m | table A`, []string{"m=no xml; A=old", "A=older"}, []string{"A=old", "A=older"}},
	})
	refusals(t, "xmlkv", []refusal{
		{`* | stats count | xmlkv count`, `command "xmlkv" at line 1, column 19 (offset 18) is not supported after stats`},
		{`* | xmlkv a b`, `"b" at line 1, column 13 (offset 12) is not expected in the xmlkv command`},
	})
}
