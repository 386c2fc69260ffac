package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"mime"
	"net/http"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

func (s *Server) otlpRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/logs", s.otlp)
}

// The forms of OTLP over HTTP.
const (
	asProtobuf = "application/x-protobuf"
	asJSON     = "application/json"
)

// The codes of google.rpc.Status that are given.
const (
	codeInvalid     = 3
	codeExhausted   = 8
	codeInternal    = 13
	codeUnavailable = 14
	codeUnknown     = 16 // who asks is not known
)

// otlp takes log records. They are kept as JSON, which OTLP has two forms of: what came
// as protocol buffers is written as such.
func (s *Server) otlp(w http.ResponseWriter, r *http.Request) {
	form, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	t, err := s.sender(r)
	if err != nil {
		s.refused(nameOf(t), intake.FeedOTLP, upper(err.Error()))
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeStatus(w, form, http.StatusUnauthorized, codeUnknown, err.Error())
		return
	}
	feed := intake.Feed{Name: t.Name, Kind: intake.FeedOTLP}
	say := func(status, code int, sentence string) {
		s.refused(feed.Name, feed.Kind, upper(sentence))
		writeStatus(w, form, status, code, sentence)
	}
	if form != asProtobuf && form != asJSON {
		say(http.StatusUnsupportedMediaType, codeInvalid, "the Content-Type is neither "+asProtobuf+" nor "+asJSON)
		return
	}
	body, free, err := s.body(w, r)
	defer free()
	switch {
	case errors.Is(err, intake.ErrBusy):
		say(http.StatusServiceUnavailable, codeUnavailable, err.Error())
		return
	case errors.Is(err, errTooLong):
		say(http.StatusRequestEntityTooLarge, codeInvalid, err.Error())
		return
	case err != nil:
		say(http.StatusBadRequest, codeInvalid, err.Error())
		return
	}
	text, n, err := readOTLP(form, body)
	if err != nil {
		say(http.StatusBadRequest, codeInvalid, err.Error())
		return
	}
	taken := importer.Taken{}
	if n > 0 {
		taken, err = s.Take.Take(r.Context(), intake.Sent{Feed: feed, Zone: t.Zone, Format: sniff.OTelJSON, Data: text,
			Digest: sha256.Sum256(body)})
	}
	again, _ := unstored(err)
	switch {
	case again:
		say(http.StatusServiceUnavailable, codeUnavailable, intake.ErrBusy.Error())
	case fault.CodeOf(err) == fault.Invalid:
		say(http.StatusBadRequest, codeInvalid, fault.Sentence(err))
	case err != nil:
		say(http.StatusInternalServerError, codeInternal, "it cannot be stored; the server's log says why")
	default:
		s.otlpTaken(w, form, feed, taken)
	}
}

// otlpTaken answers what was stored, and how many records of it were no events.
func (s *Server) otlpTaken(w http.ResponseWriter, form string, f intake.Feed, t importer.Taken) {
	out := &collector.ExportLogsServiceResponse{}
	if n := len(t.Rejections); n > 0 {
		why := t.Rejections[0].Reason
		s.refused(f.Name, f.Kind, why)
		out.PartialSuccess = &collector.ExportLogsPartialSuccess{RejectedLogRecords: int64(n), ErrorMessage: why}
	}
	b, err := proto.Marshal(out)
	if form == asJSON {
		b, err = protojson.Marshal(out)
	}
	if err != nil {
		writeStatus(w, form, http.StatusInternalServerError, codeInternal, "the answer cannot be written")
		return
	}
	w.Header().Set("Content-Type", form)
	_, _ = w.Write(b) // or nobody is left
}

// mostLists is how many lists OTLP has within each other in a request, and more than
// a sender has any use for.
const mostLists = 64

// readOTLP returns a request as JSON, and how many log records it holds.
func readOTLP(form string, body []byte) (text []byte, n int, err error) {
	if form == asProtobuf {
		in := &collector.ExportLogsServiceRequest{}
		if err := (proto.UnmarshalOptions{RecursionLimit: mostLists}).Unmarshal(body, in); err != nil {
			return nil, 0, errors.New("what was sent is no ExportLogsServiceRequest")
		}
		if body, err = protojson.Marshal(in); err != nil {
			return nil, 0, errors.New("what was sent cannot be written as JSON")
		}
		var one bytes.Buffer // protojson puts blanks where it likes
		err = json.Compact(&one, body)
		body = one.Bytes()
	}
	var in struct {
		ResourceLogs []struct {
			ScopeLogs []struct {
				LogRecords []json.RawMessage `json:"logRecords"`
			} `json:"scopeLogs"`
		} `json:"resourceLogs"`
	}
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		return nil, 0, errors.New("what was sent is no ExportLogsServiceRequest in JSON")
	}
	for _, res := range in.ResourceLogs {
		for _, scope := range res.ScopeLogs {
			n += len(scope.LogRecords)
		}
	}
	return body, n, nil
}

// writeStatus answers by a google.rpc.Status.
func writeStatus(w http.ResponseWriter, form string, status, code int, sentence string) {
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if form != asProtobuf {
		writeJSON(w, status, map[string]any{"code": code, "message": sentence})
		return
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(code))
	b = protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), sentence)
	w.Header().Set("Content-Type", form)
	w.WriteHeader(status)
	_, _ = w.Write(b) // or nobody is left
}
