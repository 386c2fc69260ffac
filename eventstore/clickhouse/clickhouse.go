// Package clickhouse keeps what blocks of events hold in ClickHouse, which others run:
// one row a record, over its HTTP interface. Its statements are those that 18.16 and the
// servers of today understand; where these differ the server's version decides.
//
// A row's key is the version of its block and its place in it (blockstore.Ref). A version is
// put once, so no row ever takes the place of another one; what a server or a proxy
// repeats of an INSERT becomes one row again, since the table is a replacing one and
// whoever reads counts a place once. Rows of one version lie in one part: they are there
// or not, whole.
//
// Of a cluster the tables are on each shard, and beside each that is read or written
// lies a Distributed one over all of them (Store.all). A block lies whole on one shard.
package clickhouse

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"escutcheon/eventstore/blockstore"
	"escutcheon/fault"
)

// Store is a database of a ClickHouse server, or of all shards of a cluster.
type Store struct {
	place
	user, password string
	http           *http.Client
	patience       time.Duration

	mu     sync.Mutex
	major  int    // of the server's version; 0: it was not asked yet
	asking *asked // it is being asked
	posted int64  // when something was put into the inbox last
}

// asked is an attempt to find out what server it is, for all who wait for that.
type asked struct {
	done chan struct{}
	err  error
}

// patience is how long a server may take for one request.
const patience = 30 * time.Second

// Open names a database by clickhouse://HOST:PORT/DB, the port being that of the HTTP
// interface, or those of a cluster's shards by clickhouse://HOST:PORT,HOST:PORT/DB?cluster=NAME.
// Nothing is asked of the server: one that is away may come back.
func Open(address, user, password string) (*Store, error) {
	at, err := parsePlace(address)
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.MaxIdleConnsPerHost, t.DisableCompression = nil, 16, true
	t.ResponseHeaderTimeout = patience
	return &Store{place: at, user: user, password: password, http: &http.Client{Transport: t}, patience: patience}, nil
}

var _ blockstore.Store = (*Store)(nil)

// ready waits until it is known what server it is and the tables are there. Of a server
// that hangs all who ask learn that together.
func (s *Store) ready(ctx context.Context) error {
	s.mu.Lock()
	if s.major != 0 {
		s.mu.Unlock()
		return nil
	}
	a := s.asking
	if a == nil {
		a = &asked{done: make(chan struct{})}
		s.asking = a
		go func() {
			major, err := s.prepare(context.WithoutCancel(ctx))
			s.mu.Lock()
			s.major, s.asking, a.err = major, nil, err
			s.mu.Unlock()
			close(a.done)
		}()
	}
	s.mu.Unlock()
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return s.away(ctx, strings.Join(s.hosts, " and "), ctx.Err())
	}
}

// prepare finds out what servers they are and makes the tables where they are missing. Of
// several versions the oldest decides.
func (s *Store) prepare(ctx context.Context) (major int, err error) {
	for _, host := range s.hosts {
		is, err := s.prepareAt(ctx, host)
		if err != nil {
			return 0, err
		}
		if major == 0 || is < major {
			major = is
		}
	}
	return major, nil
}

func (s *Store) prepareAt(ctx context.Context, host string) (major int, err error) {
	text, err := s.textAt(ctx, host, `SELECT version()`)
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscanf(text, "%d.", &major); err != nil || major < oldest {
		return 0, fault.New(fault.Invalid, "The ClickHouse server at %s is version %.20q. %d.16 is the oldest that is "+
			"understood.", host, strings.TrimSpace(text), oldest)
	}
	if err := s.knows(ctx, host); err != nil {
		return 0, err
	}
	return major, s.migrate(ctx, host, major)
}

// oldest is the major version of the oldest server that is understood.
const oldest = 18

// Owner is the name of the database that may put and forget.
func (s *Store) Owner(ctx context.Context) (string, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	text, err := s.text(ctx, `SELECT name FROM `+s.all("owner")+` ORDER BY at DESC LIMIT 1 FORMAT TabSeparated`)
	return strings.TrimSpace(text), err
}

// Own makes a database the owner.
func (s *Store) Own(ctx context.Context, name string) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if !isName(name) {
		return fmt.Errorf("%q is no name of an owner", name)
	}
	return s.everywhere(ctx, fmt.Sprintf(`INSERT INTO %s (name, at) SELECT '%s', toUInt64(%d)`, s.table("owner"), name,
		time.Now().UnixNano()))
}
