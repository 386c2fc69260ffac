package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"escutcheon/fault"
)

// readers are the connections that read, in pools of their own: downloads take
// none from the pages, and whoever asks after the server's health waits for
// neither.
type readers struct {
	r     *pool // pages
	out   *pool // downloads
	probe *pool // health
}

// pool is one of them, and where what blocks hold lies.
type pool struct {
	*sql.DB
	lie contents
}

func (p *pool) contents() contents { return p.lie }

// mapped is how many bytes of the file a page's connection may map into memory.
// A commit makes a connection drop all pages that it has cached, and giving a
// cache back costs more than a page: what is mapped stays.
const mapped = 1 << 30

func (d *DB) openReaders() error {
	for _, p := range []struct {
		pool                **pool
		most, cache, mapped int // connections; KiB each; bytes
	}{{&d.r, 2 * pageReaderCount, 4 << 10, mapped}, {&d.out, max(2, runtime.NumCPU()), 4 << 10, 0}, {&d.probe, 1, 64, 0}} {
		opened, err := sql.Open("sqlite", readDSN(d.path, p.cache, fmt.Sprintf("_pragma=mmap_size(%d)", p.mapped)))
		if err != nil {
			return errors.Join(err, d.closeReaders())
		}
		*p.pool = &pool{opened, d.w.lie}
		(*p.pool).SetMaxOpenConns(p.most)
		(*p.pool).SetMaxIdleConns(p.most) // to open one costs more than a page
	}
	return nil
}

// readDSN names a file for connections that only read.
func readDSN(abs string, cache int, params ...string) string {
	params = append(params, "mode=ro", "_pragma=busy_timeout(20000)", "_pragma=query_only(1)")
	if mayOnlyRead(abs) && isAtRest(abs) {
		params = append(params, "immutable=1")
	}
	return dsn(abs, cache, params...)
}

func (d *DB) closeReaders() (err error) {
	for _, pool := range []*pool{d.r, d.out, d.probe} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	return err
}

// openFile opens a database file to read from, as it is: it is not brought to the
// newest schema.
func openFile(ctx context.Context, path string) (_ *sql.DB, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(abs); errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "There is no database %q. Name another file with --db.", path)
	}
	if err := looksLikeDatabase(abs); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", readDSN(abs, 4<<10))
	if err != nil {
		return nil, err
	}
	var app int
	err = pool.QueryRowContext(ctx, `SELECT application_id FROM pragma_application_id`).Scan(&app)
	if err == nil && app != applicationID {
		err = errForeign(abs)
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}
