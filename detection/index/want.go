package index

import (
	"cmp"
	"slices"
	"strings"

	"escutcheon/detection/datamodel"
	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
	"escutcheon/event"
)

// want is one kind of event that a plan can match: its channel and event code,
// where the search says, and lists of texts, of each of which one must be in its
// field. A plan matches no event that none of its wants fits; it need not match every
// event that one fits.
type want struct {
	channel string // lower case; "" for any
	code    int64  // event.None for any
	texts   []oneOf
}

// oneOf are texts of which an event must have one.
type oneOf []fieldText

// fieldText asks that a field's value holds a text, in lower case. A field under
// the prefix of a data model is the model's.
type fieldText struct {
	field, text string
	model       spl.Model // of the scan; nil: none
}

const (
	maxWants = 256
	// minText and maxTextLen bound the texts: shorter ones are in everything,
	// of longer ones a piece is enough.
	minText = 3
	// minForeign is that of letters beyond ASCII, and foreignWeight how long a text with
	// one counts at least.
	minForeign    = 2
	foreignWeight = 6
	maxTextLen    = 16
	// maxTexts bounds how many texts a want asks one of, maxLists how often it does.
	maxTexts = 5000
	maxLists = 3
)

var anything = []want{{code: event.None}}

// sourced is a model that says which events fill it.
type sourced interface{ Sources() []datamodel.Source }

// wantsOf is what a plan can match: of one that is run whole, what it or one of
// its subsearches starts from.
func wantsOf(p *spl.Plan) (out []want) {
	for _, s := range p.Scans() {
		out = append(out, wantsOfScan(s)...)
	}
	if !p.Whole() {
		return out
	}
	return tidy(out)
}

// wantsOfScan goes by the data model and the conditions that come first.
func wantsOfScan(s spl.Scan) []want {
	wants := anything
	if m, ok := s.Model.(sourced); ok {
		wants = nil
		for _, s := range m.Sources() {
			wants = append(wants, want{channel: strings.ToLower(s.Channel), code: s.Code})
		}
	}
	for _, x := range s.First {
		wants = both(wants, wantsOfExpr(x))
	}
	for _, w := range wants {
		for _, list := range w.texts {
			for k := range list {
				list[k].model = s.Model
			}
		}
	}
	return wants
}

// KindsOf are the kinds of events that a scan may be about, of events that are not
// Odd; none when it is about none.
func KindsOf(s spl.Scan) (out []Kind) {
	for _, w := range wantsOfScan(s) {
		if k := (Kind{w.channel, w.code}); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func wantsOfExpr(x spl.Expr) []want {
	switch x := x.(type) {
	case spl.And:
		out := anything
		for _, y := range x {
			out = both(out, wantsOfExpr(y))
		}
		return out
	case spl.Or:
		var out []want
		for _, y := range x {
			out = append(out, wantsOfExpr(y)...)
		}
		return tidy(out)
	case *spl.In:
		return wantsOfIn(x)
	case *spl.Compare:
		if x.Op == "=" {
			return wantOf(x.Field, x.Value)
		}
	case *spl.Term:
		return textWant("_raw", longest(x.Text))
	}
	return anything
}

// wantsOfIn are those of any of the values. Where each is a text, they are one list,
// and put together at once: there may be thousands.
func wantsOfIn(x *spl.In) []want {
	var all []want
	var list oneOf
	texts := true
	seen := map[fieldText]bool{}
	for _, v := range x.Values {
		ws := wantOf(x.Field, v)
		all = append(all, ws...)
		if texts = texts && len(ws) == 1 && len(ws[0].texts) == 1 && ws[0].channel == "" && ws[0].code == event.None; !texts {
			continue
		}
		for _, t := range ws[0].texts[0] {
			if !seen[t] {
				seen[t], list = true, append(list, t)
			}
		}
	}
	switch {
	case !texts || list == nil:
		return tidy(all)
	case len(list) > maxTexts:
		return anything
	}
	return []want{{code: event.None, texts: []oneOf{list}}}
}

// textWant asks for one of the forms of a text in a field; for anything where there
// is none.
func textWant(field string, forms []string) []want {
	if len(forms) == 0 {
		return anything
	}
	var list oneOf
	for _, text := range forms {
		list = append(list, fieldText{field: field, text: text})
	}
	return []want{{code: event.None, texts: []oneOf{list}}}
}

// wantOf is what field=value wants; none when no event can have it.
func wantOf(field, v string) []want {
	wild := strings.Contains(v, "*")
	switch field {
	case "EventCode", "EventID", "signature_id":
		n, ok := value.ParseDecimal(v)
		neg, whole, frac := n.Parts()
		if wild || !ok || frac != "" || neg || len(whole) > 18 {
			return anything
		}
		code := int64(0)
		for _, c := range whole {
			code = code*10 + int64(c-'0')
		}
		return []want{{code: code}}
	case "LogName", "Channel":
		return channelWant(v, wild)
	case "source", "sourcetype":
		return sourceWant(field, v, wild)
	case "eventtype":
		name, ok := strings.CutPrefix(strings.ToLower(v), "wineventlog_")
		switch {
		case wild:
			return anything
		case ok:
			return channelWant(name, false)
		case strings.EqualFold(v, "ms-sysmon"):
			return channelWant(event.Sysmon, false)
		}
		return nil
	case "_time", "_raw":
		return anything
	case "index":
		if spl.OrdinaryIndex(v) {
			return anything
		}
		return nil
	}
	return textWant(field, pieceOf(v))
}

func channelWant(v string, wild bool) []want {
	if wild || !value.IsASCII(v) {
		return textWant("LogName", longest(v))
	}
	return []want{{code: event.None, channel: strings.ToLower(v)}}
}

func sourceWant(field, v string, wild bool) []want {
	low := strings.ToLower(v)
	if wild || !value.IsASCII(v) {
		if ch, ok := strings.CutPrefix(strings.TrimPrefix(low, "xml"), "wineventlog:"); ok && field == "source" {
			return channelWant(ch, true)
		}
		return anything
	}
	if low == strings.ToLower(event.SourceType(event.IISConfiguration)) {
		return channelWant(event.IISConfiguration, false)
	}
	if low == event.RequestLog || low == event.RequestError {
		return channelWant(low, false)
	}
	low = strings.TrimPrefix(low, "xml")
	if field == "sourcetype" && low == "wineventlog" {
		return anything
	}
	if ch, ok := strings.CutPrefix(low, "wineventlog:"); ok {
		return channelWant(ch, false)
	}
	return nil
}

// both is what fits one want of each side.
func both(a, b []want) []want {
	if len(a)*len(b) > maxWants {
		if len(a) == 1 && a[0].code == event.None && a[0].channel == "" {
			return b
		}
		return a // still true: it only lets more through
	}
	var out []want
	for _, x := range a {
		for _, y := range b {
			if x.channel != "" && y.channel != "" && x.channel != y.channel || x.code != event.None &&
				y.code != event.None && x.code != y.code {
				continue
			}
			z := want{channel: x.channel, code: x.code, texts: better(x.texts, y.texts)}
			if z.channel == "" {
				z.channel = y.channel
			}
			if z.code == event.None {
				z.code = y.code
			}
			out = append(out, z)
		}
	}
	return tidy(out)
}

// better are the lists that turn away most.
func better(a, b []oneOf) []oneOf {
	out := slices.Concat(a, b)
	slices.SortStableFunc(out, func(x, y oneOf) int { return cmp.Compare(x.often(), y.often()) })
	for i := 1; i < len(out); { // what is asked twice is asked once; a whole record is looked at for want of others
		again := func(l oneOf) bool { return slices.Equal(l, out[i]) }
		if out[i][0].field == "_raw" || slices.ContainsFunc(out[:i], again) {
			out = slices.Delete(out, i, i+1)
		} else {
			i++
		}
	}
	return out[:min(len(out), maxLists)]
}

// often is how often an event may meet the list: four times as often for each byte
// that a text is shorter.
func (l oneOf) often() (n uint64) {
	for _, t := range l {
		n += 1 << (2 * (maxTextLen - min(weightOf(t.text), maxTextLen)))
	}
	return n
}

// tidy puts wants of one channel and code together.
func tidy(ws []want) []want {
	var out []want
	for _, w := range ws {
		i := slices.IndexFunc(out, func(o want) bool { return o.channel == w.channel && o.code == w.code })
		if i < 0 {
			w.texts = slices.Clone(w.texts)
			out = append(out, w)
			continue
		}
		out[i].texts = either(out[i].texts, w.texts)
	}
	return out
}

// either are lists that an event meets which meets those of one side, or of the other.
func either(a, b []oneOf) (out []oneOf) {
	for i := range min(len(a), len(b)) {
		l := slices.Clone(a[i])
		for _, t := range b[i] {
			if !slices.Contains(l, t) {
				l = append(l, t)
			}
		}
		if len(l) <= maxTexts {
			out = append(out, l)
		}
	}
	return out
}
