package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/unseen"
)

// mostFeedTokens is how many let feeds in.
const mostFeedTokens = 1000

const feedTokenColumns = `id, name, zone, author, created, revoked`

func scanFeedToken(row interface{ Scan(...any) error }) (t intake.FeedToken, err error) {
	var created int64
	err = row.Scan(&t.ID, &t.Name, &t.Zone, &t.Author, &created, &t.Revoked)
	t.Created = fromNanos(created)
	return t, err
}

// FeedTokens returns the tokens of feeds, by name, revoked ones last.
func (d *DB) FeedTokens(ctx context.Context) (out []intake.FeedToken, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		t, err := scanFeedToken(r)
		out = append(out, t)
		return err
	}, `SELECT `+feedTokenColumns+` FROM feed_token ORDER BY revoked, name COLLATE NOCASE`)
}

// FeedTokenBySecret returns the token that a secret is of.
func (d *DB) FeedTokenBySecret(ctx context.Context, secret string) (intake.FeedToken, error) {
	t, err := scanFeedToken(d.r.QueryRowContext(ctx, `SELECT `+feedTokenColumns+` FROM feed_token WHERE hash = ?`,
		store.Sum(secret)))
	return t, notFound(err, "There is no such token.")
}

// AddFeedToken stores a token for feeds, by the hash of its secret.
func (d *DB) AddFeedToken(ctx context.Context, n intake.FeedToken, secret string) (id int64, err error) {
	defer fault.Wrap(&err, "add a token for feeds")
	n.Name = strings.TrimSpace(n.Name)
	if n.Name == "" || len(n.Name) > store.MaxTokenName || strings.ContainsFunc(n.Name, unseen.Rune) {
		return 0, fault.New(fault.Invalid, "A feed needs a name of at most %d bytes: what sends by it.", store.MaxTokenName)
	}
	if _, err := time.LoadLocation(n.Zone); err != nil || n.Zone == "Local" {
		return 0, fault.New(fault.Invalid, "There is no time zone %q. Name one as in Europe/Berlin, or UTC.", n.Zone)
	}
	return id, d.write(ctx, func(t *tx) error {
		var all, named int
		if err := t.get(`SELECT count(*), count(CASE WHEN name = ? THEN 1 END) FROM feed_token`, []any{n.Name}, &all,
			&named); err != nil {
			return err
		}
		switch {
		case named > 0:
			return fault.New(fault.Invalid, "There is a feed %q already. Choose another name.", n.Name)
		case all >= mostFeedTokens:
			return fault.New(fault.Invalid, "There are %d tokens for feeds: the most there can be.", all)
		}
		who := store.ActorOf(ctx).Person
		if err := t.get(`INSERT INTO feed_token (name, hash, zone, author, created, revoked) VALUES (?, ?, ?, ?, ?, 0)
			RETURNING id`, []any{n.Name, store.Sum(secret), n.Zone, who, d.now().UnixNano()}, &id); err != nil {
			return err
		}
		return t.audit(auditRow{Action: "added", Object: fmt.Sprintf("feed token %d", id), Field: "name", New: n.Name})
	})
}

// RevokeFeedToken has a token let nothing in any more.
func (d *DB) RevokeFeedToken(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "revoke the feed token %d", id)
	return d.write(ctx, func(t *tx) error {
		var name string
		err := t.get(`UPDATE feed_token SET revoked = 1 WHERE id = ? AND revoked = 0 RETURNING name`, []any{id}, &name)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "There is no such token, or it was revoked before.")
		}
		if err != nil {
			return err
		}
		return t.audit(auditRow{Action: "revoked", Object: fmt.Sprintf("feed token %d", id), Field: "name", Old: name})
	})
}

// Feeds returns what came of each source, by name.
func (d *DB) Feeds(ctx context.Context) (out []intake.FeedState, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var s intake.FeedState
		var first, last, newest int64
		err := r.Scan(&s.Name, &s.Kind, &first, &last, &newest, &s.Deliveries, &s.Repeated, &s.Bytes, &s.Read, &s.New,
			&s.Rejected, &s.Expired, &s.Today)
		s.First, s.Last, s.Newest = fromNanos(first), fromNanos(last), fromNanos(newest)
		out = append(out, s)
		return err
	}, `SELECT name, kind, first, last, newest, deliveries, repeated, bytes, read, new, rejected, expired, ifnull((SELECT d.import_id
		FROM feed_day d JOIN import i ON i.id = d.import_id WHERE d.feed_id = feed.id ORDER BY d.day DESC LIMIT 1), 0)
		FROM feed ORDER BY name COLLATE NOCASE, kind`)
}
