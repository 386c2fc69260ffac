package web

import (
	"compress/gzip"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressed are the kinds of answers that are compressed: pages, tables and what
// pages load. Original bytes and archives go as they are.
var compressed = []string{"text/html", "text/plain", "text/css", "text/csv", "text/javascript",
	"application/javascript", "application/json", "image/svg+xml"}

// compress sends what is long enough compressed to who takes it. A page could be
// guessed at by its compressed length (BREACH) if it held a secret beside what a
// request brings: none does, there are neither sessions nor tokens. A stream that
// breaks off stays one that breaks off, as the connection ends with it.
func compress(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.ContentTypes(compressed), gzhttp.MinSize(1400),
		gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false), gzhttp.KeepAcceptRanges())
	if err != nil {
		panic(err) // the options are ours
	}
	return wrap(next)
}
