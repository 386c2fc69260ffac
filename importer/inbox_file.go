package importer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// filePiece is how many bytes of a file are put together.
const filePiece = 4 << 20

// filed is what an arrival says of a file, the pieces of which were put before it.
type filed struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified"`
}

// PostFile puts a file of a folder into the inbox, piece by piece.
func (p *Poster) PostFile(ctx context.Context, of intake.Feed, in io.Reader, size int64, i intake.Import) error {
	f := filed{ID: newStream(), Name: i.Name, Modified: i.Modified}
	sum, piece := sha256.New(), make([]byte, filePiece)
	for part := int64(0); ; part++ {
		n, err := io.ReadFull(in, piece)
		if n > 0 {
			sum.Write(piece[:n])
			f.Size += int64(n)
			if err := p.post.PostPiece(ctx, f.ID, part, piece[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if f.Size != size {
		return fmt.Errorf("the file was %d bytes long and is %d", size, f.Size)
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	a := intake.Arrival{Came: time.Now().UTC(), Sent: intake.Sent{Feed: of, Data: data, Digest: sha256.Sum256(data)}}
	return p.put(ctx, []intake.Arrival{a})
}

// file has a file be imported that an arrival speaks of. Where the console crashes before
// that is noted it is imported again, and known then.
func (f *Follower) file(ctx context.Context, a intake.Arrival) error {
	var of filed
	if err := json.Unmarshal(a.Data, &of); err != nil || of.Size < 0 {
		return unreadable{fmt.Errorf("what an ingester says of a file cannot be read: %w", err)}
	}
	in := &filePieces{ctx: ctx, inbox: f.Inbox, of: of, left: of.Size, sum: sha256.New()}
	if err := f.File(ctx, in, of.Size, intake.Import{Name: of.Name, Source: intake.Watched,
		Modified: of.Modified}); err != nil {
		return err
	}
	f.Feeder.Rates.Took(a.Feed, a.Came, 0, time.Time{})
	return nil
}

// forget has the inbox forget the file that an arrival spoke of.
func (f *Follower) forget(ctx context.Context, a intake.Arrival) error {
	var of filed
	if a.Kind != intake.FeedFolder || json.Unmarshal(a.Data, &of) != nil {
		return nil
	}
	return f.Inbox.ForgetFile(ctx, of.ID)
}

// filePieces reads a file from the inbox.
type filePieces struct {
	ctx   context.Context
	inbox Inbox
	of    filed
	next  int64
	left  int64
	now   bytes.Reader
	sum   interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (p *filePieces) Read(b []byte) (int, error) {
	if p.now.Len() == 0 {
		if p.left == 0 && hex.EncodeToString(p.sum.Sum(nil)) == p.of.SHA256 {
			return 0, io.EOF
		}
		data, err := p.inbox.Piece(p.ctx, p.of.ID, p.next)
		switch {
		case err != nil:
			return 0, err
		case len(data) == 0 || int64(len(data)) > p.left:
			return 0, fault.New(fault.Invalid, "The file %q that an ingester took is not whole in the inbox. Import it by hand.",
				p.of.Name)
		}
		p.now.Reset(data)
		p.next, p.left = p.next+1, p.left-int64(len(data))
	}
	n, err := p.now.Read(b)
	p.sum.Write(b[:n])
	return n, err
}
