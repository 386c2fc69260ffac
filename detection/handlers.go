package detection

import (
	"strings"

	"escutcheon/event"
)

// Kinds of what was done to a handler: Module is its name, Image what it runs. They are of
// the ledger alone.
const (
	HandlerCode    Kind = 1 << 20 // its type or file was set
	HandlerAdded   Kind = 1 << 30
	HandlerRemoved Kind = 1 << 31
)

// Handlers are all of them.
const Handlers = HandlerCode | HandlerAdded | HandlerRemoved

// handlerOf is what an event of the configuration does to a handler, where that is of
// note: to the whole of it, or to what it runs.
func handlerOf(c *Change, e *event.Event) (out ChangeEvent, ok bool) {
	steps := parsePath(c.Configuration)
	if len(steps) < 3 || !strings.EqualFold(steps[0].name, "system.webServer") ||
		!strings.EqualFold(steps[1].name, "handlers") {
		return out, false
	}
	op, _ := e.Get("EditOperationType")
	op = strings.TrimSpace(op)
	out = ChangeEvent{Module: steps[2].attrs["name"], Scope: c.ConfigPath, By: AccountOf(e)}
	switch {
	case out.Module == "":
		return out, false
	case len(steps) == 3 && op == opModify:
		return out, false
	case len(steps) == 3 && strings.EqualFold(steps[2].name, "remove") != (op == opDelete):
		out.Kind = HandlerRemoved
	case len(steps) == 3:
		out.Kind = HandlerAdded
	default:
		out.Kind = HandlerCode
		if out.Image = HandlerRuns(strings.ToLower(steps[3].name), c.New); out.Image == "" {
			return out, false
		}
	}
	if op != opAdd && op != opDelete && op != opModify {
		out.Kind |= Unsure
	}
	return out, true
}

// HandlerRuns is what an attribute of a handler names to be run: a type, or a file without
// the arguments that FastCGI gives it; "" it is another attribute.
func HandlerRuns(attribute, value string) string {
	switch attribute {
	case "@type":
		return value
	case "@scriptprocessor":
		file, _, _ := strings.Cut(value, "|")
		return file
	}
	return ""
}
