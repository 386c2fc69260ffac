package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection/onfile"
	"escutcheon/event"
	"escutcheon/fault"
)

// mostArtifacts is how many artifacts of a host are looked at: where it has more, files of
// modules, which may be all libraries of a system, are left out first.
const mostArtifacts = 5000

var artifactSum = rowSum{"artifact", "sum", []string{"import_id", "dest", "kind", "name", "path", "serial", "modified",
	"zoneless", "sha256", "sha1", "size", "problem", "facts", "text"}, `'artifact ' || id`}

const artifactColumns = `id, import_id, dest, kind, name, path, serial, modified, zoneless, sha256, sha1, size, problem,
	facts`

// putHost stores a host of which there is no event, where it is not there: under the number
// that it has in an import that goes on.
func (t *tx) putHost(dest, spelling string) error {
	_, err := t.exec(`INSERT INTO host (id, dest, spelling, mixed) SELECT ifnull((SELECT id FROM staged_host
		WHERE dest = ?1), `+nextHost+`), ?1, ?2, 0 WHERE NOT EXISTS (SELECT 1 FROM host WHERE dest = ?1)`, dest, spelling)
	return err
}

// putArtifact stores what was read of a file, and its host where nothing else is of it.
func (t *tx) putArtifact(f *artifact.File) error {
	if f.Dest != "" {
		if err := t.putHost(f.Dest, cmp.Or(f.Spelling, f.Dest)); err != nil {
			return err
		}
	}
	facts, err := json.Marshal(f.Facts)
	if err != nil {
		return err
	}
	modified := sql.NullInt64{Int64: f.Modified.UnixNano(), Valid: !f.Modified.IsZero()}
	var id int64
	if err := t.get(`INSERT INTO artifact (import_id, dest, kind, name, path, serial, modified, zoneless, sha256, sha1, size,
		problem, facts, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{f.Import, f.Dest,
		string(f.Kind), f.Name, f.Path, f.Serial, modified, f.Zoneless, f.SHA256, f.SHA1, f.Size, f.Problem,
		zipper.EncodeAll(facts, []byte{}), packText(f.Text)}, &id); err != nil {
		return err
	}
	for _, m := range onfile.ModulesOf(f) {
		if _, err := t.exec(`INSERT OR IGNORE INTO artifact_module (module, image, artifact_id) VALUES (?, ?, ?)`, m[0], m[1],
			id); err != nil {
			return err
		}
	}
	return t.sealArtifacts(`id = ?`, id)
}

func packText(text []byte) []byte {
	if len(text) == 0 {
		return []byte{}
	}
	return zipper.EncodeAll(text, nil)
}

// sealArtifacts gives rows that were just written their checksums.
func (t *tx) sealArtifacts(where string, args ...any) error {
	_, err := t.exec(`UPDATE artifact SET sum = `+artifactSum.is(`artifact`)+` WHERE `+where, args...)
	return err
}

// moveArtifacts gives the artifacts of an import to the one in its place, and to another
// host where one is answered now; times without a zone are of the one that is answered now.
func (s *switching) moveArtifacts(u *unit) error {
	t, computer, dest := s.tx, u.read.Computer, event.NormalizeHost(u.read.Computer)
	if n, err := t.artifactsOf(u.old.ID); err != nil || n == 0 {
		return err
	}
	if computer != "" {
		if err := t.putHost(dest, computer); err != nil {
			return err
		}
	}
	zone, err := time.LoadLocation(u.read.Zone)
	if err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE artifact SET import_id = ?2, dest = iif(?3 = '', dest, ?3),
		modified = iif(zoneless, ?5, modified), sum = iif(`+artifactSum.whole(`artifact`)+`, NULL, ?4) WHERE import_id = ?1`,
		u.old.ID, u.id, dest, unfit, u.old.ModifiedIn(zone).UnixNano()); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE host_change SET until = ? WHERE dest IN (SELECT dest FROM artifact
		WHERE import_id = ? AND zoneless)`, int64(math.MinInt64), u.id); err != nil {
		return err
	}
	return t.sealArtifacts(`import_id = ? AND sum IS NULL`, u.id)
}

func (t *tx) artifactsOf(imported int64) (n int, err error) {
	err = t.get(`SELECT count(*) FROM artifact WHERE import_id = ?`, []any{imported}, &n)
	return n, err
}

// forgetArtifacts deletes those of an import, and hosts of which nothing else is left.
func (w *work) forgetArtifacts(imported int64) error {
	var dests []string
	if err := w.each(func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		dests = append(dests, dest)
		return err
	}, `SELECT DISTINCT dest FROM artifact WHERE import_id = ? AND dest <> ''`, imported); err != nil {
		return err
	}
	if _, err := w.exec(`DELETE FROM artifact WHERE import_id = ?`, imported); err != nil {
		return err
	}
	for _, dest := range dests {
		h, err := w.hostOf(dest)
		if err != nil {
			return err
		}
		if h.Events == 0 && !h.touched {
			if err := w.dropHost(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameArtifact is the import of an artifact with the same bytes, host, path and time that
// is done; 0: there is none.
func (t *tx) sameArtifact(f *artifact.File, but int64) (id int64, err error) {
	modified := sql.NullInt64{Int64: f.Modified.UnixNano(), Valid: !f.Modified.IsZero()}
	err = t.get(`SELECT a.import_id FROM artifact a JOIN import i ON i.id = a.import_id WHERE a.sha256 = ? AND a.dest = ?
		AND a.path = ? AND a.modified IS ? AND i.id <> ? AND i.status = 'done' ORDER BY i.id LIMIT 1`, []any{f.SHA256, f.Dest,
		f.Path, modified, but}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

func scanArtifact(r interface{ Scan(...any) error }, more ...any) (f artifact.File, err error) {
	var facts []byte
	var modified sql.NullInt64
	var whole bool
	if err := r.Scan(append([]any{&f.ID, &f.Import, &f.Dest, &f.Kind, &f.Name, &f.Path, &f.Serial, &modified, &f.Zoneless,
		&f.SHA256, &f.SHA1, &f.Size, &f.Problem, &facts, &whole}, more...)...); err != nil {
		return f, err
	}
	if modified.Valid {
		f.Modified = time.Unix(0, modified.Int64).UTC()
	}
	if whole {
		data, err := unzipper.DecodeAll(facts, nil)
		if err == nil {
			err = json.Unmarshal(data, &f.Facts)
		}
		whole = err == nil
	}
	if !whole {
		met.Add(1)
		f.Damaged, f.Facts, f.Problem = true, artifact.Facts{}, "What was read of this file is damaged in the database: "+
			"import it again."
	}
	return f, nil
}

// artifactsOfHost are the artifacts of a host under its names, without their texts, each
// once, by path, serial and time; cut says that it has more than are looked at.
func artifactsOfHost(ctx context.Context, q conn, names []string) (out []artifact.File, cut bool, err error) {
	err = each(ctx, q, func(r *sql.Rows) error {
		f, err := scanArtifact(r)
		out = append(out, f)
		return err
	}, `SELECT `+artifactColumns+`, `+artifactSum.whole(`artifact`)+` FROM artifact
		WHERE dest IN (SELECT value FROM json_each(?1)) ORDER BY kind = ?2, kind = ?3, kind = ?2 AND
		path NOT LIKE '%\inetsrv\%', id LIMIT ?4`, jsonList(names), string(artifact.Module), string(artifact.Web),
		mostArtifacts+1)
	if cut = len(out) > mostArtifacts; cut {
		out = out[:mostArtifacts]
	}
	slices.SortStableFunc(out, func(a, b artifact.File) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Path), strings.ToLower(b.Path)), a.Modified.Compare(b.Modified),
			strings.Compare(a.SHA256, b.SHA256))
	})
	return slices.CompactFunc(out, func(a, b artifact.File) bool {
		return strings.EqualFold(a.Path, b.Path) && a.SHA256 == b.SHA256 && a.Modified.Equal(b.Modified) && !a.Damaged
	}), cut, err
}

// Artifact is one artifact with its text.
func (d *DB) Artifact(ctx context.Context, id int64) (f artifact.File, err error) {
	defer fault.Wrap(&err, "artifact %d", id)
	var text []byte
	f, err = scanArtifact(d.r.QueryRowContext(ctx, `SELECT `+artifactColumns+`, `+artifactSum.whole(`artifact`)+`, text
		FROM artifact WHERE id = ?`, id), &text)
	if err != nil {
		return f, notFound(err, "There is no artifact %d.", id)
	}
	if len(text) > 0 && !f.Damaged {
		if f.Text, err = unzipper.DecodeAll(text, nil); err != nil {
			return f, fmt.Errorf("its text: %w", err)
		}
	}
	return f, nil
}

// ArtifactsOfImport are those that an import or its members brought, up to limit.
func (d *DB) ArtifactsOfImport(ctx context.Context, imported int64, limit int) (out []artifact.File, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanArtifact(r)
		out = append(out, f)
		return err
	}, `SELECT `+artifactColumns+`, `+artifactSum.whole(`artifact`)+` FROM artifact WHERE import_id = ?1
		OR import_id IN (SELECT id FROM import WHERE parent = ?1) ORDER BY id LIMIT ?2`, imported, limit)
	return out, err
}
