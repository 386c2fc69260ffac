package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/fault"
)

// mostSaid is how much of what a server says of an error is kept, in bytes.
const mostSaid = 2 << 10

// settings are those of a request. An answer is whole on the server before any of it is
// sent, so what goes wrong is told by its status.
func (s *Store) settings() url.Values {
	v := url.Values{"wait_end_of_query": {"1"}}
	if s.major >= 22 { // an INSERT is acknowledged when it stands
		v.Set("async_insert", "0")
	}
	if s.cluster != "" { // all of it on its shard when it is acknowledged, and none left out of an answer
		v.Set("insert_distributed_sync", "1")
		v.Set("skip_unavailable_shards", "0")
	}
	return v
}

// send sends a statement, or (body) the data of the INSERT that query is. Of a cluster the
// first server hands it on.
func (s *Store) send(ctx context.Context, query string, body io.Reader, size int64) (io.ReadCloser, error) {
	return s.sendTo(ctx, s.hosts[0], query, body, size)
}

func (s *Store) sendTo(ctx context.Context, host, query string, body io.Reader, size int64) (io.ReadCloser, error) {
	limited, cancel := context.WithTimeout(ctx, s.patience)
	v := s.settings()
	if body == nil {
		body, size = strings.NewReader(query), int64(len(query))
	} else {
		v.Set("query", query)
	}
	r, err := http.NewRequestWithContext(limited, http.MethodPost, "http://"+host+"/?"+v.Encode(), body)
	if err != nil {
		cancel()
		return nil, err
	}
	r.ContentLength = size
	if s.user != "" {
		r.Header.Set("X-ClickHouse-User", s.user)
		r.Header.Set("X-ClickHouse-Key", s.password)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		cancel()
		return nil, s.away(ctx, host, err)
	}
	if answer.StatusCode == http.StatusOK {
		return &ending{answer.Body, cancel, s, host, ctx}, nil
	}
	defer cancel()
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, mostSaid))
	return nil, s.refused(ctx, host, answer.StatusCode, string(said))
}

// ending is the body of an answer, whose request ends with it.
type ending struct {
	io.ReadCloser
	cancel context.CancelFunc
	s      *Store
	host   string
	ctx    context.Context
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.ReadCloser.Read(b)
	if err != nil && err != io.EOF {
		err = e.s.away(e.ctx, e.host, err)
	}
	return n, err
}

func (e *ending) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close()
}

// text is the answer to a statement that gives little.
func (s *Store) text(ctx context.Context, query string) (string, error) {
	return s.textAt(ctx, s.hosts[0], query)
}

// textAt is text of one server.
func (s *Store) textAt(ctx context.Context, host, query string) (string, error) {
	body, err := s.sendTo(ctx, host, query, nil, 0)
	if err != nil {
		return "", err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, 1<<20))
	return string(b), err
}

// away is the error of a server that does not answer, or whose answer is cut.
func (s *Store) away(ctx context.Context, host string, err error) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return err
	}
	return errors.Join(fault.New(fault.Busy, "ClickHouse at %s does not answer. What was stored before is whole. "+
		"Start it, or wait; imports and feeds go on then.", host), err)
}

// Codes of ClickHouse's errors.
const (
	tooSlow          = 159
	tooManyQueries   = 202
	noMemory         = 241
	noSpace          = 243
	tableIsReadOnly  = 242
	tooManyParts     = 252
	wrongPassword    = 193
	unknownUser      = 192
	mustHavePassword = 194
	accessDenied     = 497
	mayNotEnter      = 516
)

// ofShard are codes of what a server says when it does not reach another one, or loses it.
var ofShard = []int{32, 198, 209, 210, 279, 1000}

// shardAway says which shards do not answer when one cannot be reached.
func (s *Store) shardAway(ctx context.Context, host string) error {
	var silent []string
	for _, h := range s.hosts {
		limited, cancel := context.WithTimeout(ctx, pingPatience)
		if _, err := s.textAt(limited, h, `SELECT 1`); err != nil {
			silent = append(silent, h)
		}
		cancel()
	}
	if len(silent) > 0 {
		return s.away(context.Background(), strings.Join(silent, " and "), nil)
	}
	return fault.New(fault.Busy, "ClickHouse at %s does not reach a shard of %q, though all answer here. "+
		"What was stored before is whole. See what its remote_servers name; imports and feeds go on when it reaches all.",
		host, s.cluster)
}

// pingPatience is how long a shard may take to say that it is there.
const pingPatience = 2 * time.Second

// refused is the error of a server that answers with one.
func (s *Store) refused(ctx context.Context, host string, status int, said string) error {
	detail := fmt.Errorf("ClickHouse at %s: status %d: %s", host, status, strings.TrimSpace(said))
	switch code := codeOf(said); {
	case code == noSpace || strings.Contains(said, "No space left"):
		return errors.Join(fault.New(fault.Full, "The disk of ClickHouse at %s is full. What was stored before is whole. "+
			"Free some space there; imports and feeds then go on where they stopped.", host), detail)
	case code == tooManyParts, code == noMemory, code == tooManyQueries, code == tooSlow, code == tableIsReadOnly:
		return errors.Join(fault.New(fault.Busy, "ClickHouse at %s has too much to do (error %d). What was stored before "+
			"is whole. Imports and feeds go on when it takes more.", host, code), detail)
	case code == wrongPassword, code == unknownUser, code == mustHavePassword, code == mayNotEnter, code == accessDenied:
		return errors.Join(fault.New(fault.Invalid, "ClickHouse at %s does not let Escutcheon in. Set "+
			"ESCUTCHEON_CLICKHOUSE_USER and ESCUTCHEON_CLICKHOUSE_PASSWORD to a user who may read, insert, alter and create "+
			"in %s.", host, s.database), detail)
	case code == 0 && status >= http.StatusInternalServerError: // of something that stands before it
		return errors.Join(s.away(context.Background(), host, nil), detail)
	case s.cluster != "" && slices.Contains(ofShard, code):
		return errors.Join(s.shardAway(ctx, host), detail)
	}
	return detail
}

// codeOf is the number of an error, 0 for none.
func codeOf(said string) int {
	_, rest, ok := strings.Cut(said, "Code: ")
	if !ok {
		return 0
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	code, _ := strconv.Atoi(rest[:max(n, 0)])
	return code
}
