package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

func (s *Server) bulkRoutes(mux *http.ServeMux) {
	for _, method := range []string{"POST ", "PUT "} {
		mux.HandleFunc(method+"/_bulk", s.elastic(s.bulk))
		mux.HandleFunc(method+"/{index}/_bulk", s.elastic(s.bulk))
		mux.HandleFunc(method+"/{index}/_doc", s.elastic(s.doc))
		mux.HandleFunc(method+"/{index}/_create/{id}", s.elastic(s.doc))
	}
	mux.HandleFunc("/", s.elastic(s.handshake))
}

// elasticError is an error as Elasticsearch has it.
type elasticError struct {
	status       int
	kind, reason string
}

func (e elasticError) write(w http.ResponseWriter) {
	one := map[string]any{"type": e.kind, "reason": e.reason}
	if e.status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="security", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", "ApiKey")
	}
	if e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, e.status, map[string]any{"status": e.status,
		"error": map[string]any{"type": e.kind, "reason": e.reason, "root_cause": []any{one}}})
}

// elastic lets in who has a token, and says whom a client talks to: some look for it.
func (s *Server) elastic(then func(w http.ResponseWriter, r *http.Request, t intake.FeedToken)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		t, err := s.sender(r)
		if err == nil {
			then(w, r, t)
			return
		}
		e := elasticError{http.StatusUnauthorized, "security_exception",
			fmt.Sprintf("missing or wrong credentials for REST request [%s]: %s", r.URL.Path, err)}
		if !slices.ContainsFunc([]error{errNoToken, errScheme, errUnknown, errDisabled}, func(k error) bool {
			return errors.Is(err, k)
		}) {
			e = elasticError{http.StatusInternalServerError, "exception", "the token cannot be looked up"}
			s.Log.Error("a feed's token cannot be looked up", "error", err)
		}
		s.refused(nameOf(t), intake.FeedBulk, e.reason)
		e.write(w)
	}
}

// item is one action of a bulk request.
type item struct {
	op, index, id string
	end           int  // of its document, in what is decoded
	some          bool // events are in it
	status        int
	kind, reason  string // why it was refused
}

// bulk takes pairs of actions and documents.
func (s *Server) bulk(w http.ResponseWriter, r *http.Request, t intake.FeedToken) {
	began := time.Now()
	feed := intake.Feed{Name: t.Name, Kind: intake.FeedBulk}
	body, free, err := s.body(w, r)
	defer free()
	if err != nil {
		s.elasticBody(w, feed, err)
		return
	}
	items, docs, bad := readBulk(body, r.PathValue("index"))
	if bad != "" {
		s.refused(feed.Name, feed.Kind, bad)
		elasticError{http.StatusBadRequest, "illegal_argument_exception", bad}.write(w)
		return
	}
	if len(docs) > 0 {
		taken, err := s.Take.Take(r.Context(), documents(feed, t, docs))
		if err != nil {
			s.elasticTake(w, feed, err)
			return
		}
		answer(items, taken)
	}
	errs := false
	out := make([]map[string]any, 0, len(items))
	for _, one := range items {
		if one.reason != "" {
			errs = true
			s.refused(feed.Name, feed.Kind, one.reason)
		}
		out = append(out, one.answer())
	}
	writeJSON(w, http.StatusOK, map[string]any{"took": time.Since(began).Milliseconds(), "errors": errs, "items": out})
}

// doc takes one document.
func (s *Server) doc(w http.ResponseWriter, r *http.Request, t intake.FeedToken) {
	feed := intake.Feed{Name: t.Name, Kind: intake.FeedBulk}
	body, free, err := s.body(w, r)
	defer free()
	if err != nil {
		s.elasticBody(w, feed, err)
		return
	}
	one := item{op: "create", index: r.PathValue("index"), id: r.PathValue("id"), end: len(body),
		status: http.StatusCreated}
	if one.id == "" {
		one.id = idOf(body)
	}
	taken, err := s.Take.Take(r.Context(), documents(feed, t, body))
	if err != nil {
		s.elasticTake(w, feed, err)
		return
	}
	items := []item{one}
	answer(items, taken)
	if items[0].reason != "" {
		s.refused(feed.Name, feed.Kind, items[0].reason)
		elasticError{http.StatusBadRequest, items[0].kind, items[0].reason}.write(w)
		return
	}
	writeJSON(w, http.StatusCreated, one.stored())
}

// documents are documents as the importer takes them: of whose JSON each is, it finds.
func documents(f intake.Feed, t intake.FeedToken, docs []byte) intake.Sent {
	return intake.Sent{Feed: f, Zone: t.Zone, Format: sniff.WinlogbeatJSON, Data: docs, Digest: sha256.Sum256(docs)}
}

// elasticBody answers a body that cannot be read.
func (s *Server) elasticBody(w http.ResponseWriter, f intake.Feed, err error) {
	e := elasticError{http.StatusBadRequest, "parse_exception", err.Error()}
	switch {
	case errors.Is(err, intake.ErrBusy):
		e = elasticError{http.StatusTooManyRequests, "es_rejected_execution_exception", err.Error()}
	case errors.Is(err, errTooLong):
		e.status, e.kind = http.StatusRequestEntityTooLarge, "content_too_long_exception"
	case errors.Is(err, errEncoding):
		e.status = http.StatusUnsupportedMediaType
	case errors.Is(err, errSlow):
		e.status = http.StatusRequestTimeout
	}
	s.refused(f.Name, f.Kind, upper(e.reason))
	e.write(w)
}

// elasticTake answers what cannot be stored.
func (s *Server) elasticTake(w http.ResponseWriter, f intake.Feed, err error) {
	again, _ := unstored(err)
	e := elasticError{http.StatusInternalServerError, "exception", "it cannot be stored; the server's log says why"}
	switch {
	case again:
		e = elasticError{http.StatusTooManyRequests, "es_rejected_execution_exception", intake.ErrBusy.Error()}
	case fault.CodeOf(err) == fault.Invalid:
		e = elasticError{http.StatusBadRequest, "illegal_argument_exception", fault.Sentence(err)}
	}
	s.refused(f.Name, f.Kind, upper(e.reason))
	e.write(w)
}

// readBulk parts a body into its actions and the documents, each in a line of its own.
// A line that should be an action and is none refuses all, as Elasticsearch does it.
func readBulk(body []byte, index string) (items []item, docs []byte, bad string) {
	n := 0
	line := func() ([]byte, bool) {
		for len(body) > 0 {
			l, rest, _ := bytes.Cut(body, []byte("\n"))
			body, n = rest, n+1
			if l = bytes.TrimSpace(l); len(l) > 0 {
				return l, true
			}
		}
		return nil, false
	}
	for {
		l, ok := line()
		if !ok {
			break
		}
		one, sentence := readAction(l, index)
		if sentence != "" {
			return nil, nil, fmt.Sprintf("Malformed action/metadata line [%d]: %s", n, sentence)
		}
		one.end = len(docs)
		if one.op == "delete" {
			one.refuse("illegal_argument_exception", "events are stored, and never deleted by whoever sends them")
			items = append(items, one)
			continue
		}
		doc, ok := line()
		if !ok {
			return nil, nil, fmt.Sprintf("The action in line [%d] has no document behind it.", n)
		}
		if one.op == "update" {
			one.refuse("illegal_argument_exception", "events are stored, and never changed: send them by create or index")
			items = append(items, one)
			continue
		}
		if one.id == "" {
			one.id = idOf(doc)
		}
		docs = append(append(docs, doc...), '\n')
		one.end = len(docs)
		items = append(items, one)
	}
	if len(items) == 0 {
		return nil, nil, "request body is required"
	}
	return items, docs, ""
}

func readAction(line []byte, index string) (one item, bad string) {
	var a map[string]struct {
		Index string `json:"_index"`
		ID    string `json:"_id"`
	}
	if err := json.Unmarshal(line, &a); err != nil || len(a) != 1 {
		return one, `expected an object with one of "index", "create", "update", "delete"`
	}
	for op, m := range a {
		if !slices.Contains([]string{"index", "create", "update", "delete"}, op) {
			return one, fmt.Sprintf("unknown action %q", op)
		}
		one = item{op: op, index: m.Index, id: m.ID, status: http.StatusCreated}
	}
	if one.index == "" {
		one.index = index
	}
	if one.index == "" {
		return one, "it names no index, and neither does the address"
	}
	return one, ""
}

// idOf is the id of a document that was given none.
func idOf(doc []byte) string {
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:10])
}

func (i *item) refuse(kind, reason string) {
	i.status, i.kind, i.reason = http.StatusBadRequest, kind, reason
}

// answer marks the items whose documents were rejected, and those that hold nothing.
func answer(items []item, taken importer.Taken) {
	at := func(offset int64) *item {
		n, _ := slices.BinarySearchFunc(items, offset, func(i item, at int64) int {
			if int64(i.end) <= at {
				return -1
			}
			return 1
		})
		if n == len(items) {
			return &item{}
		}
		return &items[n]
	}
	for _, offset := range taken.Events {
		at(offset).some = true
	}
	for _, r := range taken.Rejections {
		at(r.Offset).refuse("document_parsing_exception", r.Reason)
	}
	for i := range items {
		if one := &items[i]; !one.some && one.reason == "" {
			one.refuse("document_parsing_exception", "This document holds no event.")
		}
	}
}

func (i *item) stored() map[string]any {
	return map[string]any{"_index": i.index, "_id": i.id, "_version": 1, "result": "created", "_seq_no": 0,
		"_primary_term": 1, "_shards": map[string]int{"total": 1, "successful": 1, "failed": 0}, "status": i.status}
}

func (i *item) answer() map[string]any {
	if i.reason == "" {
		return map[string]any{i.op: i.stored()}
	}
	return map[string]any{i.op: map[string]any{"_index": i.index, "_id": i.id, "status": i.status,
		"error": map[string]any{"type": i.kind, "reason": i.reason}}}
}
