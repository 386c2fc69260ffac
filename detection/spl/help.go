package spl

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"escutcheon/detection/spl/agg"
)

// What is told of commands and functions to those who write a search.

// CommandHelp is what is told of a command.
type CommandHelp struct {
	Name    string
	Usage   string // its arguments: A AS B, …
	Summary string // one line, without an end
	Place   Place  // what it works on, in its plainest form
	First   bool   // it makes or finds its rows itself: it stands first, after a pipe
}

// FunctionHelp is what is told of a function of eval and where, or of an aggregate.
type FunctionHelp struct {
	Name    string
	Usage   string // its arguments, in parentheses
	Summary string // one line, without an end
	Eval    bool   // a function of eval and where
	Stats   bool   // an aggregate of stats and its kin
}

// Commands are all commands, by name.
func Commands() []CommandHelp {
	var out []CommandHelp
	for _, name := range slices.Sorted(maps.Keys(parsers)) {
		usage, summary, _ := strings.Cut(commandHelp[name], ": ")
		zero := reflect.New(kinds[name]).Interface().(Command)
		if u, ok := zero.(*Union); ok {
			u.Name = name
		}
		s, first := zero.(starter)
		out = append(out, CommandHelp{name, usage, summary, zero.Place(), first && s.starts()})
	}
	return out
}

// Functions are all functions and aggregates, by name. A name that is both is there
// once.
func Functions() []FunctionHelp {
	names := slices.AppendSeq(slices.Collect(maps.Keys(functions)), slices.Values(agg.Names()))
	slices.Sort(names)
	var out []FunctionHelp
	for _, name := range slices.Compact(names) {
		_, eval := functions[name]
		usage, summary, _ := strings.Cut(functionHelp[name], ": ")
		if !eval {
			usage, summary, _ = strings.Cut(aggregateHelp[name], ": ")
		}
		out = append(out, FunctionHelp{name, usage, summary, eval, slices.Contains(agg.Names(), name)})
	}
	return out
}
