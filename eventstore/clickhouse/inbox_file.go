package clickhouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Files of folders lie in pieces in a table of their own, until the console has taken them.

// PostPiece puts a part of a file, from 0 on.
func (s *Store) PostPiece(ctx context.Context, file string, part int64, data []byte) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	b := appendText(appendNumber(appendText(nil, file), part), string(data))
	return s.insert(ctx, "inbox_file", "file, part, data", b)
}

// Piece is a part of a file; nil where there is none.
func (s *Store) Piece(ctx context.Context, file string, part int64) ([]byte, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	body, err := s.send(ctx, fmt.Sprintf(`SELECT data FROM %s WHERE file = %s AND part = %d LIMIT 1 FORMAT RowBinary`,
		s.all("inbox_file"), quoted(file), part), nil, 0)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := readText(bufio.NewReader(body))
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return []byte(text), err
}

// ForgetFile forgets a file that was taken. The server takes it away in its own time.
func (s *Store) ForgetFile(ctx context.Context, file string) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DELETE WHERE file = %s`, s.table("inbox_file"), quoted(file)))
}

// pieceMemory is for how many days pieces of a file are kept of which nothing was heard
// since, and nothing waits.
const pieceMemory = 7

func (s *Store) clearPieces(ctx context.Context) error {
	text, err := s.text(ctx, fmt.Sprintf(`SELECT DISTINCT toString(day) FROM %s WHERE day < toDate(now()) - %d
		FORMAT TabSeparated`, s.all("inbox_file"), pieceMemory))
	if err != nil {
		return err
	}
	for _, day := range strings.Fields(text) {
		if err := s.everywhere(ctx, fmt.Sprintf(`ALTER TABLE %s DROP PARTITION %s`, s.table("inbox_file"),
			quotedDay(day))); err != nil {
			return err
		}
	}
	return nil
}

// quotedDay is a day as the name of a partition.
func quotedDay(day string) string { return "'" + strings.Map(dayRune, day) + "'" }

func dayRune(r rune) rune {
	if r == '-' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// Watch notes that a file of a folder was taken.
func (s *Store) Watch(ctx context.Context, path string, size int64, modified time.Time) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	b := appendNumber(appendNumber(appendText(nil, path), size), modified.UnixNano())
	return s.insert(ctx, "watched", "path, size, modified", b)
}

// Watched says whether it was.
func (s *Store) Watched(ctx context.Context, path string, size int64, modified time.Time) (bool, error) {
	if err := s.ready(ctx); err != nil {
		return false, err
	}
	text, err := s.text(ctx, fmt.Sprintf(`SELECT count() FROM %s WHERE path = %s AND size = %d AND modified = %d
		FORMAT TabSeparated`, s.all("watched"), quoted(path), size, modified.UnixNano()))
	return strings.TrimSpace(text) != "0", err
}
