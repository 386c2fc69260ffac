package spl_test

import "testing"

// The search command's semantics. Each case's note says where in Splunk's
// Search Reference ("search", "Boolean expressions", "wildcards") or in the
// design it is from.
func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		search string
		event  string
		want   bool
		note   string
	}{
		// equality
		{`a=x`, `a=x`, true, "search: field=value"},
		{`a=x`, `a=X`, true, "search: values ignore case"},
		{`A=x`, `a=x`, false, "search: field names keep case"},
		{`a=x`, `b=x`, false, "design 2: a missing field matches nothing"},
		{`a = x`, `a=x`, true, "search: spaces around the operator"},
		{`a==x`, `a=x`, true, "search: == is taken as ="},
		{`a=x`, `a=xx`, false, "search: whole values"},
		{`a="x y"`, `a=x y`, true, "search: quoted values keep spaces"},
		{`a=é`, `a=É`, true, "search: case of other scripts"},
		// numbers
		{`a=29`, `a=29`, true, "design 2: numbers as numbers"},
		{`a=29`, `a=029`, true, "design 2: numbers as numbers"},
		{`a=29.0`, `a=29`, true, "design 2: numbers as numbers"},
		{`a="29"`, `a=29.00`, true, "design 2: quotes make no text of a number"},
		{`a=29`, `a=290`, false, "design 2: numbers as numbers"},
		{`a=29`, `a=29x`, false, "design 2: a text is no number"},
		{`a=-0`, `a=0`, true, "numbers: minus zero"},
		{`a=18446744073709551615`, `a=18446744073709551614`, false, "numbers: no loss in 64 bits"},
		{`a<10`, `a=9`, true, "search: < compares numbers"},
		{`a<10`, `a=10`, false, "search: <"},
		{`a<=10`, `a=10.0`, true, "search: <="},
		{`a>9`, `a=10`, true, "search: > compares numbers, not text"},
		{`a>=-5`, `a=-4.5`, true, "search: negative numbers"},
		{`a>-5`, `a=-6`, false, "search: negative numbers"},
		{`a<b`, `a=A`, true, "search: text compares as text"},
		{`a>5`, `b=6`, false, "search: < needs the field"},
		// null handling
		{`a!=x`, `a=y`, true, "search: != "},
		{`a!=x`, `b=y`, false, "search: != needs the field"},
		{`a!=x`, `a=X`, false, "search: != ignores case"},
		{`a!="x*"`, `a=xyz`, false, "search: != with a wildcard"},
		{`NOT a=x`, `b=y`, true, "search: NOT does not need the field"},
		{`NOT a=x`, `a=x`, false, "search: NOT"},
		{`NOT a!=x`, `b=y`, true, "search: NOT of !="},
		{`a=*`, `a=x`, true, "search: field=* asks for the field"},
		{`a=*`, `b=x`, false, "search: field=* asks for the field"},
		{`NOT a=*`, `b=x`, true, "search: events without the field"},
		{`a!=*`, `a=x`, false, "search: no value differs from *"},
		// precedence
		{`a=1 b=2`, `a=1; b=2`, true, "search: implied AND"},
		{`a=1 b=2`, `a=1`, false, "search: implied AND"},
		{`a=1 AND b=2`, `a=1; b=2`, true, "search: AND"},
		{`a=1 OR b=2`, `b=2`, true, "search: OR"},
		{`a=1 OR b=2 c=3`, `a=1`, false, "search: OR binds before AND"},
		{`a=1 OR b=2 c=3`, `a=1; c=3`, true, "search: OR binds before AND"},
		{`c=3 AND a=1 OR b=2`, `b=2`, false, "search: OR binds before AND"},
		{`c=3 AND a=1 OR b=2`, `b=2; c=3`, true, "search: OR binds before AND"},
		{`(c=3 AND a=1) OR b=2`, `b=2`, true, "search: parentheses first"},
		{`NOT a=1 OR b=2`, `a=1; b=2`, true, "search: NOT binds before OR"},
		{`NOT (a=1 OR b=2)`, `a=1; b=2`, false, "search: parentheses first"},
		{`NOT a=1 b=2`, `a=2; b=2`, true, "search: NOT takes one term"},
		{`NOT NOT a=1`, `a=1`, true, "search: NOT of NOT"},
		{`((((a=1))))`, `a=1`, true, "search: nested parentheses"},
		{`(a=1)(b=2)`, `a=1; b=2`, true, "search: groups side by side"},
		// IN
		{`a IN (x, y)`, `a=Y`, true, "search: IN is an OR of equals"},
		{`a IN (x, y)`, `a=z`, false, "search: IN"},
		{`a IN (x, y)`, `b=x`, false, "search: IN needs the field"},
		{`a IN ("p q", "y*")`, `a=yes`, true, "search: IN with a wildcard"},
		{`a IN ("p q", "y*")`, `a=P Q`, true, "search: IN with a quoted value"},
		{`a in(29,30)`, `a=30.0`, true, "search: IN with numbers"},
		{`NOT a IN (x)`, `b=1`, true, "search: NOT field IN"},
		{`a NOT IN (x)`, `a=y`, true, "search: field NOT IN"},
		{`a NOT IN (x)`, `a=x`, false, "search: field NOT IN"},
		// wildcards
		{`a=x*`, `a=Xyz`, true, "wildcards: at the end"},
		{`a=*z`, `a=xyZ`, true, "wildcards: at the start"},
		{`a=x*z`, `a=xz`, true, "wildcards: the empty run"},
		{`a=x*z`, `a=xzy`, false, "wildcards: anchored at the end"},
		{`a=*y*`, `a=xyz`, true, "wildcards: in the middle"},
		{`a=ab*ba`, `a=aba`, false, "wildcards: the ends do not overlap"},
		{`a=*ab*ab*`, `a=xabyabz`, true, "wildcards: twice"},
		{`a=*ab*ab*`, `a=xabyb`, false, "wildcards: twice"},
		{`a="x * z"`, `a=x yy z`, true, "wildcards: in quotes too"},
		{`a=*Ä*`, `a=xäy`, true, "wildcards: case of other scripts"},
		{`a=2*`, `a=29`, true, "wildcards: over numbers as text"},
		// escapes
		{`a="c:\\temp"`, `a=C:\Temp`, true, "search: a backslash is doubled in quotes"},
		{`a="c:\temp"`, `a=c:\temp`, true, "search: a lone backslash stands for itself"},
		{`a="say \"hi\""`, `a=say "hi"`, true, "search: escaped quotes"},
		{`a="*\\temp\\*"`, `a=c:\temp\x`, true, "search: wildcard after a backslash"},
		{`a=c:\\temp\\*`, `a=c:\temp\x`, true, "search: escapes without quotes"},
		{`a="x\\"`, `a=x\`, true, "search: a backslash at the end"},
		{`"my field"=x`, `my field=x`, true, "search: quoted field names"},
		{`a=b=c`, `a=b=c`, true, "search: a value ends at white space"},
		{`a=x,y`, `a=x,y`, true, "search: commas outside IN"},
		{`a!=b!`, `a=b`, true, "search: ! within a value"},
		// terms in _raw
		{`error`, `_raw=an Error here`, true, "search: words ignore case"},
		{`error`, `_raw=errors`, false, "search: words are whole terms"},
		{`err*`, `_raw=an error`, true, "search: words with a wildcard"},
		{`err*here`, `_raw=an error here`, false, "search: a word's wildcard stays in the word"},
		{`"an error"`, `_raw=there is an error!`, true, "search: phrases"},
		{`"an error"`, `_raw=error an`, false, "search: phrases keep the order"},
		{`temp`, `_raw=c:\temp\x.exe`, true, "search: terms end at breakers"},
		{`foo NOT bar`, `_raw=foo baz`, true, "search: NOT of a word"},
		{`foo and`, `_raw=foo`, false, "search: operators are in capitals"},
		{`*`, `a=x`, true, "search: * matches all"},
		{`foo`, `a=foo`, false, "search: words are looked for in _raw"},
		{`foo aba`, `_raw=ababa foo aba`, true, "search: every place is tried"},
		// aliases and derived fields of the event
		{`EventCode=29`, `EventID=29`, false, "design 1: the canonical name is the field's"},
		{`_time>=999.5`, `_time=999.75`, true, "search: _time is the event's time in seconds"},
		{`_time=*`, `_time=none; a=1`, false, "design 2: an event may have no time"},
	} {
		p := compile(t, tt.search+" | stats count")
		if got := p.Matches(ev(tt.event)); got != tt.want {
			t.Errorf("%s on {%s}: %v (%s)", tt.search, tt.event, got, tt.note)
		}
	}
}
