package detection

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"escutcheon/detection/spl"
)

// NoFilter is what a rule's filter stands for until somebody edits it.
const NoFilter = "search *"

// isFilter says whether a macro is a rule's filter: the one in which an analyst
// edits what the rule leaves out.
func isFilter(name string) bool { return strings.HasSuffix(name, "_filter") }

// maxFilter bounds a filter, in bytes.
const maxFilter = 64 << 10

// filterCall finds the filter macro that a search calls.
var filterCall = regexp.MustCompile("`\\s*([A-Za-z0-9_.:-]+_filter)\\s*`")

// FilterMacro is the name of the macro by which the rule's search is filtered:
// the last one that ends in _filter; "" when it calls none.
func (r *Rule) FilterMacro() string {
	all := filterCall.FindAllStringSubmatch(r.Search, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1]
}

// filterHead stands before a filter while it is compiled alone.
const filterHead = "* | stats count by dest | "

// filterCommands are what a filter may consist of: commands that keep rows or
// leave them out, and change none.
var filterCommands = map[string]bool{"search": true, "where": true, "regex": true}

// firstWord is the command that a filter starts with, if it is one.
var firstWord = regexp.MustCompile(`^\|?\s*(search|where|regex)\s`)

// filterDefinition makes the definition of a filter macro of what an analyst
// wrote: an expression, such as NOT dest="web01" OR user="svc_deploy", or
// commands, such as where count > 3. It is compiled alone first; the error's
// position is in the expression. An empty expression is NoFilter.
func filterDefinition(expression string, env spl.Env) (string, error) {
	text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(expression), "|"))
	if text == "" {
		return NoFilter, nil
	}
	if len(text) > maxFilter {
		return "", fmt.Errorf("the filter is longer than %d bytes", maxFilter)
	}
	definition := text
	if !firstWord.MatchString(strings.ToLower(text) + " ") {
		definition = "search " + text
	}
	added := len(filterHead) + len(definition) - len(text) - strings.Index(expression, text)
	pipe, err := env.Parse(filterHead + definition)
	if err == nil {
		env.Whole = false // a filter keeps single rows or leaves them out
		_, err = env.Compile(filterHead + definition)
	}
	if err != nil {
		return "", filterError(err, added)
	}
	for _, c := range pipe[2:] {
		if o := c.From(); !filterCommands[o.Name] {
			return "", filterError(&spl.Error{Command: o.Name, Pos: o.Pos, Subject: fmt.Sprintf("command %q", o.Name),
				Reason: "is not allowed in a filter; use search, where or regex"}, added)
		}
	}
	return definition, nil
}

// filterError moves an error's position by what was put before the filter.
func filterError(err error, added int) error {
	var e *spl.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Pos.Offset = max(e.Pos.Offset-added, 0)
	if e.Pos.Line == 1 {
		moved.Pos.Column = max(e.Pos.Column-added, 1)
	}
	return &moved
}
