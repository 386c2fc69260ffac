package logwriter

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

const xmlNamespace = "http://schemas.microsoft.com/win/2004/08/events/event"

// AppendXML appends r as one <Event> element as Windows renders it, without a
// line end. With rendered it carries RenderingInfo (message, level, task,
// opcode and keywords as text), without it does not. Characters that XML 1.0
// cannot hold become U+FFFD.
func AppendXML(dst []byte, r *Record, rendered bool) []byte {
	dst = append(dst, "<Event xmlns='"+xmlNamespace+"'><System><Provider"...)
	dst = xmlAttr(dst, "Name", r.Provider)
	dst = xmlAttr(dst, "Guid", r.GUID)
	dst = append(dst, "/>"...)
	dst = xmlElement(dst, "EventID", strconv.Itoa(r.EventCode))
	dst = xmlElement(dst, "Version", "0")
	dst = xmlElement(dst, "Level", strconv.Itoa(r.Level))
	dst = xmlElement(dst, "Task", strconv.Itoa(r.Task))
	if r.Opcode != NoOpcode {
		dst = xmlElement(dst, "Opcode", strconv.Itoa(r.Opcode))
	}
	dst = fmt.Appendf(dst, "<Keywords>0x%x</Keywords>", r.Keywords)
	dst = append(dst, "<TimeCreated SystemTime='"...)
	dst = r.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000000Z")
	dst = append(dst, "'/>"...)
	if r.RecordNumber > 0 {
		dst = xmlElement(dst, "EventRecordID", strconv.FormatInt(r.RecordNumber, 10))
	}
	dst = fmt.Appendf(dst, "<Correlation/><Execution ProcessID='%d' ThreadID='%d'/>", r.ProcessID, r.ThreadID)
	dst = xmlElement(dst, "Channel", r.Channel)
	dst = xmlElement(dst, "Computer", r.Computer)
	dst = append(dst, "<Security"...)
	dst = xmlAttr(dst, "UserID", r.Sid)
	dst = append(dst, "/></System>"...)
	dst = xmlData(dst, r)
	if rendered {
		dst = xmlRendering(dst, r)
	}
	return append(dst, "</Event>"...)
}

func xmlData(dst []byte, r *Record) []byte {
	dst = append(dst, "<EventData>"...)
	for _, f := range r.Data {
		dst = append(dst, "<Data"...)
		dst = xmlAttr(dst, "Name", f.Name)
		dst = append(dst, '>')
		dst = xmlText(dst, f.Value)
		dst = append(dst, "</Data>"...)
	}
	return append(dst, "</EventData>"...)
}

func xmlRendering(dst []byte, r *Record) []byte {
	dst = append(dst, "<RenderingInfo Culture='en-US'>"...)
	dst = xmlElement(dst, "Message", r.Message)
	dst = xmlElement(dst, "Level", r.typeText())
	dst = xmlElement(dst, "Task", r.TaskCategory)
	dst = xmlElement(dst, "Opcode", r.OpCode)
	dst = xmlElement(dst, "Channel", r.Channel)
	dst = xmlElement(dst, "Provider", r.Provider)
	dst = append(dst, "<Keywords>"...)
	if k := r.keywordText(); k != "None" {
		dst = xmlElement(dst, "Keyword", k)
	}
	return append(dst, "</Keywords></RenderingInfo>"...)
}

func xmlElement(dst []byte, name, value string) []byte {
	if value == "" {
		return append(append(append(dst, '<'), name...), "></"+name+">"...)
	}
	dst = append(append(append(dst, '<'), name...), '>')
	dst = xmlText(dst, value)
	return append(append(append(dst, "</"...), name...), '>')
}

// xmlAttr appends one attribute, or nothing for an empty value.
func xmlAttr(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(append(dst, ' '), name...), "='"...)
	return append(xmlEscape(dst, value, true), '\'')
}

func xmlText(dst []byte, s string) []byte { return xmlEscape(dst, s, false) }

// xmlEscape writes a carriage return (and in attributes any line break or tab)
// as a reference: a parser would otherwise normalise it away.
func xmlEscape(dst []byte, s string, attr bool) []byte {
	from := 0
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		if ref := xmlRef(c, size, attr); ref != "" {
			dst = append(append(dst, s[from:i]...), ref...)
			from = i + size
		}
		i += size
	}
	return append(dst, s[from:]...)
}

// xmlRef is what stands for a character that cannot be written as it is.
func xmlRef(c rune, size int, attr bool) string {
	switch {
	case c == '&':
		return "&amp;"
	case c == '<':
		return "&lt;"
	case c == '>':
		return "&gt;"
	case c == '\r':
		return "&#13;"
	case c == '\'' && attr:
		return "&apos;"
	case (c == '\n' || c == '\t') && attr:
		return "&#" + strconv.Itoa(int(c)) + ";"
	case c < ' ' && c != '\n' && c != '\t', c == 0xFFFE, c == 0xFFFF, c == utf8.RuneError && size == 1:
		return "\uFFFD"
	}
	return ""
}
