package feed

import (
	"net/http"
	"strings"

	"escutcheon/intake"
)

// spoken is the version of Elasticsearch whose words are spoken: clients refuse to
// talk to one that is older than they are.
const spoken = "8.19.0"

// handshake answers what clients of Elasticsearch ask before they send: who is there,
// and whether templates, policies and pipelines may be set up, which nothing here needs.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, _ intake.FeedToken) {
	path := strings.Trim(r.URL.Path, "/")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case path == "":
		writeJSON(w, http.StatusOK, map[string]any{"name": "escutcheon", "cluster_name": "escutcheon",
			"cluster_uuid": "escutcheon-feed", "tagline": "You Know, for Search",
			"version": map[string]any{"number": spoken, "build_flavor": "default", "build_type": "tar", "build_hash": "unknown",
				"build_date": "2025-01-01T00:00:00.000Z", "build_snapshot": false, "lucene_version": "9.12.2",
				"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0"}})
	case first == "_license":
		writeJSON(w, http.StatusOK, map[string]any{"license": map[string]any{"status": "active", "uid": "escutcheon",
			"type": "basic", "mode": "basic"}})
	case first == "_xpack":
		writeJSON(w, http.StatusOK, map[string]any{"license": map[string]any{"status": "active", "type": "basic",
			"mode": "basic"}, "features": map[string]any{"ilm": map[string]bool{"available": true, "enabled": true}}})
	case first == "_cluster":
		writeJSON(w, http.StatusOK, map[string]any{"cluster_name": "escutcheon", "status": "green", "timed_out": false,
			"number_of_nodes": 1})
	case first == "_nodes":
		writeJSON(w, http.StatusOK, map[string]any{"_nodes": map[string]int{"total": 1, "successful": 1, "failed": 0},
			"cluster_name": "escutcheon", "nodes": map[string]any{}})
	case !setUp(first) || r.Method == http.MethodDelete:
		elasticError{http.StatusBadRequest, "illegal_argument_exception",
			"this address takes events: _bulk, and what is asked before it; searches are the console's"}.write(w)
	case r.Method == http.MethodPut || r.Method == http.MethodPost:
		writeJSON(w, http.StatusOK, map[string]bool{"acknowledged": true, "shards_acknowledged": true})
	default:
		writeJSON(w, http.StatusOK, map[string]any{})
	}
}

// setUp says whether clients set something up at an address: an index, a stream, and
// what is said of them.
func setUp(first string) bool {
	switch first {
	case "_index_template", "_component_template", "_template", "_ilm", "_ingest", "_data_stream", "_alias", "_aliases",
		"_logstash":
		return true
	}
	return !strings.HasPrefix(first, "_")
}
