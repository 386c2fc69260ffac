package evtxlog

import "escutcheon/importer/evtx"

// witness is what a reader of a log knows of it when it has ended.
type witness struct {
	promise *evtx.Promise
	broken  bool // it has no signature
	dirty   bool
}

func testify(head []byte, chunks *evtx.ChunkReader) witness {
	return witness{chunks.Promise(), !Is(head), chunks.Header().Dirty && chunks.Header().Sound}
}

// Missing is as record.Witness has it.
func (w witness) Missing() int64 { return w.promise.Missing() }

// Note is as record.Witness has it.
func (w witness) Note() string {
	switch {
	case w.broken:
		return "The signature of this EVTX file is damaged. Its records were read by the chunks that it holds."
	case w.dirty && w.Missing() == 0:
		return "The log was in use when it was copied: its header was left open. Nothing that its headers promise is missing."
	}
	return ""
}
