package modlist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
)

// The objects that Get-WebGlobalModule lists, as Export-Csv and ConvertTo-Json write them.

// ofEvents are columns of events, which may have a name and an image, too.
var ofEvents = map[string]bool{"time": true, "timestamp": true, "timecreated": true, "eventtime": true,
	"eventid": true, "eventcode": true, "id": true, "computer": true, "computername": true, "host": true, "hostname": true,
	"source": true, "sourcetype": true, "message": true, "channel": true, "@timestamp": true}

// areModules says whether objects with such properties are modules.
func areModules(names []string) bool {
	has := map[string]bool{}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if ofEvents[name] || strings.HasPrefix(name, "_") {
			return false
		}
		has[name] = true
	}
	return has["name"] && has["precondition"] && (has["image"] || has["type"])
}

// header finds the columns of a CSV file and where its rows begin; nil: it is none of modules.
func header(text []byte) (names []string, rows *csv.Reader, before int) {
	for range 20 {
		line, rest, ok := bytes.Cut(text, []byte("\n"))
		if start := bytes.TrimSpace(line); ok && (len(start) == 0 || bytes.HasPrefix(start, []byte("#TYPE "))) {
			text = rest
			before++
			continue
		}
		for _, comma := range ",;\t" {
			r := csv.NewReader(bytes.NewReader(line))
			r.Comma, r.LazyQuotes = comma, true
			if names, err := r.Read(); err == nil && areModules(names) {
				r := csv.NewReader(bytes.NewReader(rest))
				r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, true, -1, true
				return names, r, before + 1
			}
		}
		break
	}
	return nil, nil, 0
}

func (l *List) csv(text []byte) bool {
	names, rows, before := header(text)
	if names == nil {
		return false
	}
	l.Tool = PowerShell
	for l.Cut == "" {
		row, err := rows.Read()
		if err != nil {
			break
		}
		line, _ := rows.FieldPos(0)
		e := Entry{Line: before + line}
		for i, value := range row[:min(len(row), len(names))] {
			e.property(names[i], value)
		}
		if e.Name != "" {
			l.add(e)
		}
	}
	return true
}

func (e *Entry) property(name, value string) {
	for _, known := range []string{"Name", "Image", "PreCondition", "Type"} {
		if strings.EqualFold(strings.TrimSpace(name), known) {
			e.set(known, value)
		}
	}
}

// objects is a decoder that stands before the first object of a text; nil: it has none.
func objects(text []byte) *json.Decoder {
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 || start[0] != '[' && start[0] != '{' {
		return nil
	}
	if dec := wrapped(text); dec != nil {
		return dec
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if start[0] == '[' {
		if _, err := dec.Token(); err != nil {
			return nil
		}
	}
	return dec
}

// wrapped is a decoder that stands before the first object of a list that Windows
// PowerShell wrapped, {"value": […], "Count": 2}; nil: the text is none.
func wrapped(text []byte) *json.Decoder {
	dec := json.NewDecoder(bytes.NewReader(text))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for range 2 {
		name, _ := dec.Token()
		value, err := dec.Token()
		key, _ := name.(string)
		switch _, number := value.(float64); {
		case err != nil:
			return nil
		case strings.EqualFold(key, "value") && value == json.Delim('['):
			return dec
		case !strings.EqualFold(key, "Count") || !number:
			return nil
		}
	}
	return nil
}

func (l *List) json(text []byte) bool {
	dec := objects(text)
	if dec == nil {
		return false
	}
	seen, line, first := 0, 1, true
	for l.Cut == "" && dec.More() {
		var o map[string]json.RawMessage
		from := int(dec.InputOffset())
		err := dec.Decode(&o)
		if first && (err != nil || !areModules(keys(o))) {
			return false
		}
		if err != nil {
			if err != io.EOF {
				l.Problem = "Its JSON is damaged: what comes before is told."
			}
			break
		}
		from += max(bytes.IndexByte(text[from:], '{'), 0)
		line += bytes.Count(text[seen:from], []byte("\n"))
		seen, first = from, false
		e := Entry{Line: line}
		for name, raw := range o {
			var value string
			if json.Unmarshal(raw, &value) == nil {
				e.property(name, value)
			}
		}
		if e.Name != "" {
			l.add(e)
		}
	}
	l.Tool = PowerShell
	return true
}

func keys(o map[string]json.RawMessage) (out []string) {
	for k := range o {
		out = append(out, k)
	}
	return out
}

// looksLikeObjects says whether a text begins with such objects.
func looksLikeObjects(text []byte) bool {
	if dec := objects(text); dec != nil {
		var o map[string]json.RawMessage
		return dec.Decode(&o) == nil && areModules(keys(o))
	}
	names, _, _ := header(text)
	return names != nil
}
