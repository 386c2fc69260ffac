package spl_test

import (
	"strings"
	"testing"
)

// A search is commands between pipes; the terms it starts with need no name,
// an empty command does nothing, and white space is of any kind.
func TestPipelines(t *testing.T) {
	for search, want := range map[string]string{
		"a=1":                               "search a=1",
		"search a=1":                        "search a=1",
		"SEARCH a=1":                        "search a=1",
		"| search a=1":                      "search a=1",
		"  \n\t|  search a=1  ":             "search a=1",
		"searching a=1":                     "search searching a=1",
		"a=1|head 5|TAIL 2":                 "search a=1 | head 5 | tail 2",
		"a=1\n|\n\thead\r\n5\v\f":           "search a=1 | head 5",
		"a=1 | | head 5":                    "search a=1 | head 5",
		"a=1 | head 5 |":                    "search a=1 | head 5",
		"a=1 | head 5 | |":                  "search a=1 | head 5",
		"| stats count":                     "| stats count",
		"a=1 ```| head 3``` | head 5":       "search a=1 | head 5",
		"a=\"x|y\" | head 5":                "search a=\"x|y\" | head 5",
		"a=1 | where 'x|y'=1 | head":        "search a=1 | where 'x|y' = 1 | head 10",
		"search":                            "",
		"a=1 | search | search":             "search a=1 | search index=* | search index=*",
		"a=1 | table 'x y' \"z\" é, *":      "search a=1 | table \"x y\", z, \"é\", *",
		"a=1 | table a'b it's":              "search a=1 | table \"a'b\", \"it's\"",
		"a=1 | rename a as \"q \\\"r\\\"\"": "search a=1 | rename a as \"q \\\"r\\\"\"",
	} {
		pipe, err := caseEnv().Parse(search)
		got := pipe.String()
		if want == "" && err == nil || want != "" && (err != nil || got != want) {
			t.Errorf("%q\n got %s %v\nwant %s", search, got, err, want)
		}
	}
}

func TestPipelineRefusals(t *testing.T) {
	refusals(t, "", []refusal{
		{"|", `pipe at line 1, column 1 (offset 0) is not followed by a command`},
		{"a=1 | (b)", `"(" at line 1, column 7 (offset 6) stands where a command is expected`},
		{"| | head", `pipe at line 1, column 3 (offset 2) stands where a command is expected`},
		{"a=1 | \"head\"", `"\"" at line 1, column 7 (offset 6) stands where a command is expected`},
		{"a=1 | é", `"é" at line 1, column 7 (offset 6) stands where a command is expected`},
	})
	refusals(t, "transaction", []refusal{
		{"a=1 | TRANSACTION a", `command "transaction" at line 1, column 7 (offset 6) is not supported`},
	})
	refusals(t, "reverse", []refusal{
		{"a=1 | reverse [search b]", `subsearch at line 1, column 15 (offset 14) is not supported`},
		{"é=1\n | reverse é", `"é" at line 2, column 12 (offset 16) is not expected in the reverse command`},
	})
}

// An error in a macro's text is where the search calls it, and names it.
func TestRefusalsInMacros(t *testing.T) {
	env := caseEnv()
	env.Macros = env.Macros.Overlay(caseMacros)
	env.Macros["bad"] = caseMacros["screen"]
	for definition, want := range map[string]string{
		`head x`:      `condition at line 2, column 3 (offset 6), in macro "bad", is not supported in the head command`,
		`lookup no a`: `lookup table "no" at line 2, column 3 (offset 6), in macro "bad", is not known`,
		`stats sum(*)`: `wildcard in "sum(*)" at line 2, column 3 (offset 6), in macro "bad", ` +
			`is not supported where the fields are not known`,
	} {
		m := env.Macros["bad"]
		m.Definition = definition
		env.Macros["bad"] = m
		_, err := env.Compile("a=1\n| `bad`")
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", definition, err, want)
		}
	}
}

// A word that is an option's name is a field where no = follows.
func TestOptionsAndFields(t *testing.T) {
	for search, want := range map[string]string{
		`* | dedup keepempty consecutive`:     `dedup keepempty, consecutive`,
		`* | dedup keepempty = t a`:           `dedup a keepempty=t`,
		`* | top limit countfield`:            `top limit, countfield`,
		`* | top LIMIT=3 a`:                   `top limit=3 a`,
		`* | makemv delim`:                    `makemv delim`,
		`* | mvcombine delim`:                 `mvcombine delim`,
		`* | fillnull value`:                  `fillnull value`,
		`* | fillnull value a`:                `fillnull value, a`,
		`* | addtotals row col=f`:             ``,
		`* | addtotals col=0 row`:             `addtotals row`,
		`* | bin span span=5`:                 `bin span=5 span`,
		`* | bin span=1h span=5 a`:            `bin span=5 a`,
		`* | bin span=5 span=1h a`:            `bin span=1h a`,
		`* | sort limit`:                      `sort limit`,
		`* | sort 5`:                          ``,
		`* | sort 5a`:                         `sort "5a"`,
		`* | sort 5,a`:                        `sort 5 a`,
		`* | sort 5+a`:                        `sort 5 a`,
		`* | sort num, str ip`:                `sort num, str, ip`,
		`* | sort by`:                         ``,
		`* | sort by by`:                      `sort "by"`,
		`* | sort d`:                          `sort "d"`,
		`* | sort a d b`:                      `sort a, "d", b`,
		`* | stats count by span`:             `stats count by span`,
		`* | stats count by span a`:           `stats count by span, a`,
		`* | stats count by a span`:           `stats count by a, span`,
		`* | stats count window`:              ``,
		`* | lookup rights local`:             `lookup rights local`,
		`* | spath path`:                      `spath path=path`,
		`* | table as, by`:                    `table "as", "by"`,
		`* | table 9 a-b -a x{} $y$ @z a:b`:   `table "9", a-b, "-a", x{}, "$y$", "@z", a:b`,
		`* | dedup 5 5`:                       `dedup 5 "5"`,
		`* | dedup 5`:                         `dedup "5"`,
		`* | top 5 5 by 5`:                    `top limit=5 "5" by "5"`,
		`* | rare 5`:                          `rare "5"`,
		`* | head limit = 5`:                  `head 5`,
		`* | head LIMIT=5`:                    `head 5`,
		`* | rename a as b,`:                  `rename a as b`,
		`* | convert num(a),`:                 `convert num(a)`,
		`* | stats count, by a,`:              `stats count by a`,
		`* | table ,a,,b,`:                    `table a, b`,
		`* | fields -a`:                       `fields - a`,
		`* | fields +a`:                       `fields a`,
		`* | makemv delim=a,b`:                ``,
		`* | rex field = a "(?<x>.)"`:         `rex field=a "(?<x>.)"`,
		`* | eval a == 1`:                     ``,
		`* | lookup rights a OUTPUT`:          `lookup rights a`,
		`* | lookup rights a OUTPUTNEW`:       `lookup rights a OUTPUTNEW`,
		`* | lookup rights a, OUTPUT b, c`:    `lookup rights a OUTPUT b, c`,
		`* | lookup r a OUTPUT b OUTPUTNEW c`: `lookup r a OUTPUTNEW b, c`,
	} {
		pipe, err := caseEnv().Parse(search)
		got := strings.TrimPrefix(pipe.String(), "search * | ")
		if want == "" && err == nil || want != "" && (err != nil || got != want) {
			t.Errorf("%s\n got %s %v\nwant %s", search, got, err, want)
		}
	}
}

// No field is called nothing.
func TestEmptyNames(t *testing.T) {
	for _, search := range []string{`* | table ""`, `* | stats dc("")`, `* | rename a as ""`, `* | sort ''`, `* | ` +
		`dedup ""`,
		`* | eval ""=1`, `* | stats count by ""`, `* | lookup rights ""`, `* | convert num("")`, `* | mvexpand ''`} {
		_, err := caseEnv().Parse(search)
		if err == nil || !strings.Contains(err.Error(), "needs a field name") {
			t.Errorf("%s: %v", search, err)
		}
	}
}
