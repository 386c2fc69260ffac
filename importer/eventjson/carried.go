package eventjson

import (
	"slices"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/inner"
	"escutcheon/importer/record"
)

// mostCarried is how many texts that are JSON may lie within each other.
const mostCarried = 3

// carries says whether a text may be an event.
func carries(v string) bool {
	v = strings.TrimLeft(v, "\uFEFF \t\r\n")
	return strings.HasPrefix(v, "<Event") || strings.HasPrefix(v, "{") || strings.HasPrefix(v, "<?xml")
}

// deeper parses JSON within JSON into the next of the inner trees; the caller
// gives it back by r.deep--.
func (r *reader) deeper(v string) bool {
	if r.deep == mostCarried {
		return false
	}
	if r.inner[r.deep].parse(v) != "" {
		return false
	}
	r.deep++
	return true
}

// carried fills e from a text that is an event by itself: XML, classic text or
// JSON of any shape. Raw and Offset stay e's own. The result is the shape and
// why it is none, or "".
func (r *reader) carried(e *event.Event, v string, depth int) (Shape, string) {
	if v = strings.TrimLeft(v, "\uFEFF \t\r\n"); strings.HasPrefix(v, "{") {
		if !r.deeper(record.Trim(v)) {
			return Other, inner.ReasonNone
		}
		defer func() { r.deep-- }()
		return r.object(e, r.inner[r.deep-1].nodes, 0, depth+1)
	}
	own := *e
	reason := one(v, e, r.opt)
	e.Raw, e.Offset = own.Raw, own.Offset
	e.Windows1252 = e.Windows1252 || own.Windows1252
	return Other, reason
}

// one is inner.One for what stands within an object: its computer is the
// object's if it names none.
func one(v string, e *event.Event, opt record.Options) string {
	opt.Computer = ""
	return inner.One(v, opt, e)
}

// fresh makes e an event without anything again, but for where it lies.
func fresh(e *event.Event) {
	own := *e
	e.Reset()
	e.Raw, e.Offset, e.Windows1252 = own.Raw, own.Offset, own.Windows1252
}

// setMessage gives e the message that stands beside it, which goes before one
// that was made from the provider's templates.
func setMessage(e *event.Event, v string) {
	if v == "" || e.Message != "" && !e.Rendered {
		return
	}
	e.Message, e.Rendered = "", false
	e.Fields = slices.DeleteFunc(e.Fields, func(f event.Field) bool { return f.Name == "Message" })
	record.SetMessage(e, v)
}
