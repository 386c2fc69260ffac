package spl_test

import "testing"

func TestMakemv(t *testing.T) {
	runCases(t, []runCase{
		{`* | makemv a | table a`, []string{"a=x y z", "b=1"}, []string{"", "a=[x|y|z]"}},
		{`* | makemv delim="," a | table a`, []string{"a=x,y"}, []string{"a=[x|y]"}},
		{`* | makemv a delim=";;" | table a`, []string{"a=x;;y;z"}, []string{"a=[x|y;z]"}},
		{`* | makemv delim="," a | table a`, []string{"a=,x,,y,"}, []string{"a=[x|y]"}},
		{`* | makemv delim="," allowempty=t a | table a`, []string{"a=,x,,y,"}, []string{"a=[|x||y|]"}},
		{`* | makemv delim="," allowempty=f a | table a`, []string{"a=,"}, []string{""}},
		{`* | makemv delim="," setsv=t a | table a`, []string{"a=x,y"}, []string{"a=[x|y]"}},
	})
}

// tokenizer: the first group of each match, or all of it where it has none.
func TestMakemvTokenizer(t *testing.T) {
	runCases(t, []runCase{
		{`* | makemv tokenizer="(\d)-" a | table a`, []string{"a=1-2-3"}, []string{"a=[1|2]"}},
		{`* | makemv tokenizer="\d" a | table a`, []string{"a=1-2-3"}, []string{"a=[1|2|3]"}},
		{`* | makemv tokenizer="(x)|\d" a | table a`, []string{"a=1x2"}, []string{"a=x"}},
		{`* | makemv tokenizer="(\d)(-)" a | table a`, []string{"a=1-2"}, []string{"a=1"}},
	})
}

func TestMakemvRefusals(t *testing.T) {
	refusals(t, "makemv", []refusal{
		{`a=1 | makemv`,
			`end of the search at line 1, column 13 (offset 12) stands where the makemv command needs a field name`},
		{`a=1 | makemv delim=","`,
			`end of the search at line 1, column 23 (offset 22) stands where the makemv command needs a field name`},
		{`a=1 | makemv a b`, `"b" at line 1, column 16 (offset 15) is not expected in the makemv command`},
		{`a=1 | makemv allowempty=maybe a`, `value "maybe" at line 1, column 14 (offset 13) is neither true nor false`},
	})
}
