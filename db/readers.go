package db

import (
	"database/sql"
	"errors"
	"fmt"
	"runtime"
)

// readers are the connections that read, in pools of their own: downloads take
// none from the pages, and whoever asks after the server's health waits for
// neither.
type readers struct {
	r     *sql.DB // pages
	out   *sql.DB // downloads
	probe *sql.DB // health
}

// mapped is how many bytes of the file a page's connection may map into memory.
// A commit makes a connection drop all pages that it has cached, and giving a
// cache back costs more than a page: what is mapped stays.
const mapped = 1 << 30

func (d *DB) openReaders() (err error) {
	for _, p := range []struct {
		pool                **sql.DB
		most, cache, mapped int // connections; KiB each; bytes
	}{{&d.r, 2 * pageReaderCount, 4 << 10, mapped}, {&d.out, max(2, runtime.NumCPU()), 4 << 10, 0}, {&d.probe, 1, 64, 0}} {
		*p.pool, err = sql.Open("sqlite", dsn(d.path, p.cache, "mode=ro", "_pragma=busy_timeout(20000)",
			"_pragma=query_only(1)", fmt.Sprintf("_pragma=mmap_size(%d)", p.mapped)))
		if err != nil {
			return errors.Join(err, d.closeReaders())
		}
		(*p.pool).SetMaxOpenConns(p.most)
		(*p.pool).SetMaxIdleConns(p.most) // to open one costs more than a page
	}
	return nil
}

func (d *DB) closeReaders() (err error) {
	for _, pool := range []*sql.DB{d.r, d.out, d.probe} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	return err
}
