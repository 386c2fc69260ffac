package db

import (
	"slices"

	"github.com/klauspost/compress/zstd"

	"escutcheon/event"
	codec "escutcheon/eventstore/block"
	"escutcheon/intake"
)

// blockBytes is about how many original bytes go into one block: large enough
// to compress well, small enough that opening one event costs little.
const blockBytes = 256 << 10

// record is one event's original bytes and where they stand in their file.
type record struct {
	offset int64
	raw    string
}

type blockWriter struct{ enc *zstd.Encoder }

func newBlockWriter() (*blockWriter, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	return &blockWriter{enc}, err
}

func (w *blockWriter) pack(recs []record) []byte {
	return codec.Pack(len(recs), func(i int) (int64, string) { return recs[i].offset, recs[i].raw }).Bytes
}

var errBlock = codec.ErrDamaged

var blockDecoder = func() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(codec.MostBytes))
	if err != nil {
		panic(err) // options are constants
	}
	return dec
}()

func unpack(data []byte, count int) ([]record, error) {
	o, err := codec.Unpack(data, count)
	if err != nil {
		return nil, err
	}
	recs := make([]record, o.Len())
	for i := range recs {
		recs[i].offset, recs[i].raw = o.Record(i)
	}
	return recs, nil
}

// blocks stores the records of an import under ascending numbers.
type blocks struct {
	*work
	imported  int64          // id of the import
	reading   intake.Reading // how its records are decoded
	readingID int64
	first     int64 // number of the first record of the transaction
	next      int64
	pending   []record
	size      int // bytes of pending
	zip       *blockWriter
}

// newBlocks makes ready for records of an import.
func (w *work) newBlocks(i *intake.Import) (*blocks, error) {
	r := i.Reading()
	s := &blocks{work: w, imported: i.ID, reading: r}
	if err := w.get(`SELECT last + 1 FROM sequence WHERE name = 'record'`, nil, &s.next); err != nil {
		return nil, err
	}
	s.first = s.next
	if err := w.get(`INSERT INTO reading (format, encoding, zone, computer, dates) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET zone = zone RETURNING id`, []any{r.Format, r.Encoding, r.Zone, r.Computer, r.Dates},
		&s.readingID); err != nil {
		return nil, err
	}
	w.events.fresh, w.events.import_, w.events.reading = map[int64]string{}, i.ID, r
	var err error
	s.zip, err = newBlockWriter()
	return s, err
}

// keep stores an event's bytes under the next number.
func (s *blocks) keep(e *event.Event) (id int64, err error) {
	id = s.next
	s.next++
	s.pending = append(s.pending, record{e.Offset, e.Raw})
	s.events.fresh[id] = e.Raw
	if s.size += len(e.Raw); s.size >= blockBytes {
		err = s.flush()
	}
	return id, err
}

// flush stores the pending records as a block.
func (s *blocks) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	_, err := s.exec(`INSERT INTO block (first_event, count, import_id, reading_id, data) VALUES (?, ?, ?, ?, ?)`,
		s.next-int64(len(s.pending)), len(s.pending), s.imported, s.readingID, s.zip.pack(s.pending))
	s.pending, s.size = s.pending[:0], 0
	return err
}

// finish stores what is pending, and which number was given last.
func (s *blocks) finish() error {
	if err := s.flush(); err != nil || s.next == s.first {
		return err
	}
	_, err := s.exec(`UPDATE sequence SET last = ? WHERE name = 'record'`, s.next-1)
	return err
}

// bareBlocks adds the blocks of deleted imports that hold records by which an
// import saw events.
func (w *work) bareBlocks(id int64, events []int64, bare map[int64]bool) error {
	for _, e := range events {
		recs, err := w.column(`SELECT DISTINCT record_id FROM sighting WHERE event_id = ? AND import_id = ?`, e, id)
		if err != nil {
			return err
		}
		for _, r := range recs {
			b, err := w.events.block(r)
			if err != nil {
				return err
			}
			if b != nil && b.importID == 0 {
				bare[b.first] = true
			}
		}
	}
	return nil
}

// strip removes from a block of a deleted import the records that no sighting
// needs, and the block when it needs none.
func (w *work) strip(first int64) error {
	b, err := scanBlock(w.QueryRowContext(w.ctx, `SELECT first_event, count, import_id, reading_id, data FROM block
		WHERE first_event = ?`, first))
	if err != nil || b == nil || b.importID != 0 {
		return err
	}
	needed, err := w.column(`SELECT DISTINCT record_id FROM sighting WHERE record_id >= ? AND record_id < ?`, first,
		first+int64(len(b.recs)))
	if err != nil {
		return err
	}
	if len(needed) == 0 {
		_, err := w.exec(`DELETE FROM block WHERE first_event = ?`, first)
		return err
	}
	for i := range b.recs {
		if !slices.Contains(needed, first+int64(i)) {
			b.recs[i] = record{}
		}
	}
	zip, err := newBlockWriter()
	if err != nil {
		return err
	}
	_, err = w.exec(`UPDATE block SET data = ? WHERE first_event = ?`, zip.pack(b.recs), first)
	return err
}
