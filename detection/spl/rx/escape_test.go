package rx_test

import "testing"

// pcre2pattern, "Backslash".
func TestEscapes(t *testing.T) {
	checkAll(t, []found{
		{`\d+\D`, "a12b", "12b"}, {`\s\S`, "a b", " b"}, {`\w+\W`, "a_1-", "a_1-"}, {`\bb`, "ab b", "b"}, {`\Bb`, "b ab", "b"}, {`\Aa`, "ba", "no"}, {`\Ga`, "ba", "no"},
		{`\Ga`, "ab", "a"}, {`\h+`, "a \tb", " \t"}, {`\H+`, " ab\t", "ab"}, {`\v+`, "a\r\n", "\r\n"}, {`\V+`, "\nab\r", "ab"}, {`\R`, "a\r\n", "\r\n"}, {`\R+`, "a\n\rb", "\n\r"},
		{`\N+`, "\nab\n", "ab"}, {`a\.b`, "axb a.b", "a.b"}, {`\t\n\r\f\a\e`, "\t\n\r\f\a\x1b", "\t\n\r\f\a\x1b"}, {`\x41\x{42}`, "AB", "AB"}, {`\x{41}{2}`, "AA", "AA"},
		{`\0`, "a\x00", "\x00"}, {`\012`, "\n", "\n"}, {`\0123`, "\n3", "\n3"}, {`\08`, "\x008", "\x008"}, {`\cA\cz\c[`, "\x01\x1a\x1b", "\x01\x1a\x1b"},
		{`\pL+`, "1aé", "aé"}, {`\p{Lu}+`, "aÄB", "ÄB"}, {`\P{L}+`, "a12", "12"}, {`\p{^L}+`, "a12", "12"}, {`\p{Greek}`, "aβ", "β"},
		{`\Qa.b*\E+`, "a.b**", "a.b**"}, {`\Qa.b`, "axb a.b", "a.b"}, {`\Qé\E{2}`, "éé", "éé"}, {`a\Eb`, "ab", "ab"}, {`\Q\\E`, `a\`, `\`}, {`\Qa\E++b`, "aab", "aab"},
		{`\<a\>\_\-\/\"`, `<a>_-/"`, `<a>_-/"`}, {`\é`, "é", "é"}, {`\{a\}`, "{a}", "{a}"}, {`C:\\W`, `C:\W`, `C:\W`}, {`\i\j\m\q\y`, "ijmqy", "ijmqy"},
		// Letters that PCRE refuses, of a path whose backslash is not doubled.
		{`C:\Users`, `C:\Users`, `C:\Users`}, {`a\Local`, `a\Local`, `a\Local`}, {`\u\l`, `\u\l`, `\u\l`},
	})
	refuse(t, map[string]string{
		`a\`: "ends with a backslash", `\x`: `has \x, which is not supported`, `\xg1`: `has \x`, `\x4`: `has \x`, `\x{}`: "cannot be read", `\x{41`: `has \x`,
		`\C`: `has \C`, `\K`: `has \K`, `\X`: `has \X`, `\o{101}`: `has \o`, `\c`: `has \c`, `\cé`: `has \c`, `\p{Nope}`: "cannot be read", `\p{L`: "cannot be read",
	})
}
