package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"escutcheon/detection/blind"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// What is looked at for the sites of a host's requests: lines that are decoded for it, how
// many sites, and how long the name of one is.
const (
	mostSiteLines = 500_000
	mostSites     = 500
	mostSiteName  = 64
)

// RequestSites are the sites whose requests a host logged, and when there were any, up to a
// second; cut: there are too many to look at all.
func (d *DB) RequestSites(ctx context.Context, of store.VerdictOf) (out []blind.Site, cut bool, err error) {
	defer fault.Wrap(&err, "sites of host %q", of.Dest)
	d.mu.Lock()
	dec := d.dec
	d.mu.Unlock()
	err = d.snapshot(ctx, func(q conn) error {
		names, err := namesOf(ctx, q, of.Dest)
		if err != nil || dec == nil {
			return err
		}
		g := siteLines{ctx: ctx, q: q, dec: dec, recs: newRecords(ctx, q), hosts: map[int64]bool{}, upTo: math.MaxInt64,
			of: map[string]*blind.Site{}}
		k, err := readKeeping(ctx, q)
		if err != nil {
			return err
		}
		if g.from = k.gone; of.AsOf != nil {
			g.upTo = *of.AsOf
		}
		is, arg := hostIs(names)
		if err := each(ctx, q, func(r *sql.Rows) error {
			var id int64
			err := r.Scan(&id)
			g.hosts[id] = true
			return err
		}, `SELECT id FROM host WHERE id `+is, arg); err != nil {
			return err
		}
		err = one(ctx, q, `SELECT id FROM channel WHERE name = ?`, []any{event.RequestLog}, &g.channel)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = g.blocks()
		}
		cut = g.cut
		for _, name := range slices.Sorted(maps.Keys(g.of)) {
			out = append(out, *g.of[name])
		}
		return err
	})
	return out, cut, err
}

// siteLines gathers when a host's sites logged requests.
type siteLines struct {
	ctx     context.Context
	q       conn
	dec     intake.Decoder
	recs    *records
	hosts   map[int64]bool
	channel int64
	from    int64 // what is older may be there in part
	upTo    int64
	of      map[string]*blind.Site
	decoded int
	line    event.Event // the one that was decoded last
	cut     bool
}

func (g *siteLines) blocks() error {
	var list []blockInfo
	if err := each(g.ctx, g.q, func(r *sql.Rows) error {
		b, err := scanInfo(r)
		for id := range g.hosts {
			if err == nil && b.summary.Channels.MayHold(g.channel) && b.summary.Hosts.MayHold(id) {
				list = append(list, b)
				break
			}
		}
		return err
	}, `SELECT `+infoColumns+` FROM block ORDER BY first`); err != nil {
		return err
	}
	if len(list) > mostGapBlocks {
		list, g.cut = list[:mostGapBlocks], true
	}
	for i := range list {
		if err := g.block(&list[i]); err != nil && !errors.Is(err, block.ErrDamaged) {
			return err
		}
	}
	return nil
}

// block gathers of a block; one that is damaged is passed over. Where its first and its last
// line say the site of the folder, or none, so do those between: IIS writes one file a site.
func (g *siteLines) block(b *blockInfo) error {
	var data []byte
	if err := one(g.ctx, g.q, `SELECT data FROM block_columns WHERE first = ?`, []any{b.first}, &data); err != nil {
		return err
	}
	var c block.Columns
	if err := block.DecodeColumns(data, b.first, int(b.count), block.SecondColumn|block.HostColumn|block.ChannelColumn|
		block.EventColumn, &c); err != nil {
		return err
	}
	var rows []int
	for i, id := range c.Event {
		if id == b.first+int64(i) && g.hosts[c.Host[i]] && c.Channel[i] == g.channel && c.Second[i] != noSecond &&
			c.Second[i] >= g.from && c.Second[i] <= g.upTo {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	var folder string
	if err := one(g.ctx, g.q, `SELECT site FROM import WHERE id = ?`, []any{b.imported}, &folder); err != nil &&
		!errors.Is(err, sql.ErrNoRows) {
		return err
	}
	first, err := g.site(b.first + int64(rows[0]))
	if err != nil {
		return err
	}
	last, err := g.site(b.first + int64(rows[len(rows)-1]))
	if err != nil {
		return err
	}
	alike := first == last && (first == folder || first == "")
	for _, i := range rows {
		name := first
		if !alike && g.decoded >= mostSiteLines {
			g.cut = true
			return nil
		}
		if !alike {
			if name, err = g.site(b.first + int64(i)); err != nil {
				return err
			}
		}
		g.add(name, c.Second[i], b.first+int64(i))
	}
	return nil
}

// site is the site that a line says.
func (g *siteLines) site(id int64) (string, error) {
	g.decoded++
	s, err := g.recs.record(id)
	if err != nil {
		return "", err
	}
	if r, ok := g.dec.(intake.Redecoder); ok {
		err = r.Redecode(&g.line, s)
	} else {
		g.line, err = g.dec.Merge([]intake.Sighting{s})
	}
	if err != nil {
		return "", nil // told where the event is shown
	}
	site, _ := g.line.Get("s_sitename")
	if site == "-" || len(site) > mostSiteName {
		site = ""
	}
	return site, nil
}

func (g *siteLines) add(name string, second, id int64) {
	s := g.of[name]
	if s == nil {
		if len(g.of) >= mostSites {
			g.cut = true
			return
		}
		name = strings.Clone(name) // it is a part of the line
		s = &blind.Site{Name: name}
		g.of[name] = s
	}
	s.Add(second, id)
}
