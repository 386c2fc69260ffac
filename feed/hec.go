package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"escutcheon/fault"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// hecAnswer is what Splunk answers: its codes are those of its documentation
// ("Troubleshoot HTTP Event Collector").
type hecAnswer struct {
	status  int
	Text    string `json:"text"`
	Code    int    `json:"code"`
	Invalid *int   `json:"invalid-event-number,omitempty"`
	Ack     *int64 `json:"ackId,omitempty"`
}

// Splunk's answers.
var (
	hecSuccess   = hecAnswer{status: 200, Text: "Success", Code: 0}
	hecDisabled  = hecAnswer{status: 403, Text: "Token disabled", Code: 1}
	hecRequired  = hecAnswer{status: 401, Text: "Token is required", Code: 2}
	hecScheme    = hecAnswer{status: 401, Text: "Invalid authorization", Code: 3}
	hecUnknown   = hecAnswer{status: 403, Text: "Invalid token", Code: 4}
	hecNoData    = hecAnswer{status: 400, Text: "No data", Code: 5}
	hecFormat    = hecAnswer{status: 400, Text: "Invalid data format", Code: 6}
	hecInternal  = hecAnswer{status: 500, Text: "Internal server error", Code: 8}
	hecBusy      = hecAnswer{status: 503, Text: "Server is busy", Code: 9}
	hecNoChannel = hecAnswer{status: 400, Text: "Data channel is missing", Code: 10}
	hecChannel   = hecAnswer{status: 400, Text: "Invalid data channel", Code: 11}
	hecNoEvent   = hecAnswer{status: 400, Text: "Event field is required", Code: 12}
	hecBlank     = hecAnswer{status: 400, Text: "Event field cannot be blank", Code: 13}
	hecQuery     = hecAnswer{status: 400, Text: "Query string authorization is not enabled", Code: 16}
	hecHealthy   = hecAnswer{status: 200, Text: "HEC is healthy", Code: 17}
	hecUnhealthy = hecAnswer{status: 503, Text: "HEC is unhealthy, queues are full", Code: 18}
)

func (s *Server) hecRoutes(mux *http.ServeMux) {
	const at = "/services/collector"
	for _, path := range []string{at, at + "/event", at + "/event/1.0"} {
		mux.HandleFunc("POST "+path, s.hec(s.hecEvents))
	}
	for _, path := range []string{at + "/raw", at + "/raw/1.0"} {
		mux.HandleFunc("POST "+path, s.hec(s.hecRaw))
	}
	mux.HandleFunc("POST "+at+"/ack", s.ack)
	for _, path := range []string{at + "/health", at + "/health/1.0"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			if s.room.full() {
				hecUnhealthy.write(w)
				return
			}
			hecHealthy.write(w)
		})
	}
	mux.HandleFunc("GET "+at+"/", func(w http.ResponseWriter, _ *http.Request) {
		hecAnswer{status: http.StatusNotFound, Text: "The requested URL was not found on this server.", Code: 404}.write(w)
	})
}

func (a hecAnswer) write(w http.ResponseWriter) {
	if a.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	if a.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Splunk")
	}
	writeJSON(w, a.status, a)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // or nobody is left
}

// hec lets in who has a token, and reads what was sent.
func (s *Server) hec(then func(r *http.Request, t intake.FeedToken, data []byte) hecAnswer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, err := s.sender(r)
		if err != nil {
			a := hecRefusal(r, err)
			s.refused(nameOf(t), intake.FeedHEC, a.Text)
			a.write(w)
			return
		}
		data, free, err := s.body(w, r)
		defer free()
		if err != nil {
			a := hecBody(err)
			s.refused(t.Name, intake.FeedHEC, a.Text)
			a.write(w)
			return
		}
		then(r, t, data).write(w)
	}
}

func hecRefusal(r *http.Request, err error) hecAnswer {
	switch {
	case errors.Is(err, errNoToken) && r.URL.Query().Get("token") != "":
		return hecQuery
	case errors.Is(err, errNoToken):
		return hecRequired
	case errors.Is(err, errScheme):
		return hecScheme
	case errors.Is(err, errUnknown):
		return hecUnknown
	case errors.Is(err, errDisabled):
		return hecDisabled
	}
	return hecInternal
}

func hecBody(err error) hecAnswer {
	switch {
	case errors.Is(err, intake.ErrBusy):
		return hecBusy
	case errors.Is(err, errTooLong):
		return hecAnswer{status: http.StatusRequestEntityTooLarge, Text: upper(errTooLong.Error()), Code: hecFormat.Code}
	case errors.Is(err, errEncoding):
		return hecAnswer{status: http.StatusUnsupportedMediaType, Text: upper(errEncoding.Error()), Code: hecFormat.Code}
	case errors.Is(err, errSlow):
		return hecAnswer{status: http.StatusRequestTimeout, Text: upper(errSlow.Error()), Code: hecFormat.Code}
	}
	return hecFormat
}

// upper makes a sentence of an error's text.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// nameOf is under which name refusals of a token are told.
func nameOf(t intake.FeedToken) string {
	if t.Name == "" {
		return stranger
	}
	return t.Name
}

// hecEvents takes objects, one behind the other or in a list. Those before one that is
// none are stored, as Splunk does it.
func (s *Server) hecEvents(r *http.Request, t intake.FeedToken, data []byte) hecAnswer {
	channel, bad := channelOf(r)
	if bad != nil {
		return *bad
	}
	n, end, wrong := hecObjects(data)
	if wrong != nil && wrong.Code != hecNoData.Code {
		s.refused(t.Name, intake.FeedHEC, fmt.Sprintf("%s (event %d of a request)", wrong.Text, n))
	}
	if n == 0 {
		return *wrong
	}
	a := s.hecTake(r, channel, intake.Sent{Feed: intake.Feed{Name: t.Name, Kind: intake.FeedHEC}, Zone: t.Zone,
		Format: sniff.SplunkHEC, Data: data[:end], Digest: sha256.Sum256(data[:end])})
	if wrong != nil && a.Code == 0 {
		return *wrong
	}
	return a
}

// hecObjects counts the events of a request, and says where the last good one ends and
// what is wrong behind it.
func hecObjects(data []byte) (n, end int, wrong *hecAnswer) {
	dec := json.NewDecoder(bytes.NewReader(data))
	list := false
	for {
		if list && !dec.More() {
			if _, err := dec.Token(); err != nil {
				return n, end, hecFormat.at(n)
			}
			list = false
			continue
		}
		if !list && next(data, dec) == '[' {
			_, _ = dec.Token() // it is there
			list = true
			continue
		}
		var one struct {
			Event json.RawMessage `json:"event"`
		}
		err := dec.Decode(&one)
		switch {
		case errors.Is(err, io.EOF) && n == 0:
			return n, end, &hecNoData
		case errors.Is(err, io.EOF):
			return n, end, nil
		case err != nil:
			return n, end, hecFormat.at(n)
		case one.Event == nil:
			return n, end, hecNoEvent.at(n)
		case string(one.Event) == `""` || string(one.Event) == "null":
			return n, end, hecBlank.at(n)
		}
		n, end = n+1, int(dec.InputOffset())
	}
}

// next is the byte that a decoder reads next, but for blanks; 0 at the end.
func next(data []byte, dec *json.Decoder) byte {
	rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n")
	if len(rest) == 0 {
		return 0
	}
	return rest[0]
}

func (a hecAnswer) at(n int) *hecAnswer {
	a.Invalid = &n
	return &a
}

// hecRaw takes text of any format that is read.
func (s *Server) hecRaw(r *http.Request, t intake.FeedToken, data []byte) hecAnswer {
	channel, bad := channelOf(r)
	if bad != nil {
		return *bad
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return hecNoData
	}
	sum := sha256.New()
	host := r.URL.Query().Get("host")
	sum.Write([]byte(host + "\x00"))
	sum.Write(data)
	return s.hecTake(r, channel, intake.Sent{Feed: intake.Feed{Name: t.Name, Kind: intake.FeedHEC}, Zone: t.Zone,
		Computer: host, Data: data, Digest: [32]byte(sum.Sum(nil))})
}

func (s *Server) hecTake(r *http.Request, channel string, sent intake.Sent) hecAnswer {
	_, err := s.Take.Take(r.Context(), sent)
	again, _ := unstored(err)
	switch {
	case again:
		s.refused(sent.Name, sent.Kind, hecBusy.Text)
		return hecBusy
	case fault.CodeOf(err) == fault.Invalid:
		a := hecFormat
		a.Text = fault.Sentence(err)
		s.refused(sent.Name, sent.Kind, a.Text)
		return a
	case err != nil:
		s.refused(sent.Name, sent.Kind, hecInternal.Text)
		return hecInternal
	}
	a := hecSuccess
	if channel != "" {
		id := s.acks.next(channel)
		a.Ack = &id
	}
	return a
}

// channelOf is the data channel that a request names; "" for none.
func channelOf(r *http.Request) (string, *hecAnswer) {
	c := r.Header.Get("X-Splunk-Request-Channel")
	if c == "" {
		c = r.URL.Query().Get("channel")
	}
	if c != "" && !isGUID(c) {
		return "", &hecChannel
	}
	return strings.ToLower(c), nil
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}
