// Package sigma reads Sigma rules and writes them as searches of Splunk's
// language, which package spl compiles and runs.
//
// A file is parsed into Documents: rules, and correlations over rules. What a
// rule's detection says becomes a condition (cond) over fields of events, the
// condition becomes text:
//
//	docs, err := sigma.Parse(data)
//	search, err := docs[0].Search(sigma.Env{Values: values, Find: find})
//
// The text is true SPL, for a person to read and to run anywhere. It starts with
// the search command, so that who runs many searches can tell by it which events a
// rule may match (detection/index); what that command cannot say (one character by
// ?, a * that is meant, the case of letters, regular expressions, comparisons of
// fields) it says loosely, and where or eval say it exactly.
//
// Semantics are those of the Sigma specification 2.1. Log sources and the names of
// fields are in one table (source_table.go). An event's log does not tell an empty
// value from one that is not there, so ” matches both, and null what is not there.
//
// The package is pure and imports nothing of ours. What it refuses, it refuses with
// an *Error: with line, column and a sentence.
package sigma
