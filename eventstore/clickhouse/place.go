package clickhouse

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"escutcheon/fault"
)

// place is where a database is.
type place struct {
	hosts    []string // with their ports: of one server, or of each shard
	cluster  string   // as the servers' remote_servers name it; "" is one server
	database string
}

func parsePlace(address string) (p place, err error) {
	bad := fault.New(fault.Invalid, "%q names no ClickHouse database. Write clickhouse://HOST:PORT/DB: the port "+
		"of its HTTP interface (8123), and a name of letters, digits and _; of a cluster, those of each shard: "+
		"clickhouse://HOST:PORT,HOST:PORT/DB?cluster=NAME.", withoutPassword(address))
	rest, ok := strings.CutPrefix(address, "clickhouse://")
	if !ok {
		return p, bad
	}
	if strings.Contains(rest, "@") {
		return p, fault.New(fault.Invalid, "The address of ClickHouse holds a user. Leave it out, and set "+
			"ESCUTCHEON_CLICKHOUSE_USER and ESCUTCHEON_CLICKHOUSE_PASSWORD.")
	}
	rest, query, asks := strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest, "/")
	p = place{hosts: strings.Split(hosts, ","), database: database}
	if asks {
		if p.cluster, ok = strings.CutPrefix(query, "cluster="); !ok || !isName(strings.ReplaceAll(p.cluster, "-", "_")) {
			return p, bad
		}
	}
	for i, h := range p.hosts {
		host, port, err := net.SplitHostPort(h)
		if err != nil || host == "" || port == "" || strings.ContainsAny(h, "/?#\\ %") || slices.Contains(p.hosts[:i], h) {
			return p, bad
		}
	}
	if !isName(p.database) || p.cluster == "" && len(p.hosts) > 1 {
		return p, bad
	}
	return p, nil
}

// withoutPassword is an address as it may be told.
func withoutPassword(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "clickhouse://…" + address[i:]
	}
	return address
}

// isName says whether a name needs no quotes.
func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Address is where it is.
func (p *place) Address() string {
	a := "clickhouse://" + strings.Join(p.hosts, ",") + "/" + p.database
	if p.cluster != "" {
		a += "?cluster=" + p.cluster
	}
	return a
}

// table is a table of each server.
func (p *place) table(name string) string { return p.database + "." + name }

// all is a table whose rows are those of all servers.
func (p *place) all(name string) string {
	if p.cluster == "" {
		return p.table(name)
	}
	return p.table(name + "_all")
}

// distributed makes the tables over all shards. A block (first) lies whole on one of them;
// what has no key is only read. A server that becomes a shard gets them then.
func (p *place) distributed() (out []string) {
	if p.cluster == "" {
		return nil
	}
	for _, t := range [...][2]string{{"event", byBlock}, {"kind", ""}, {"seed_record", byBlock}, {"seed", ""},
		{"owner", ""}, {"inbox", byName("stream")}, {"inbox_file", byName("file")}, {"ingester", byName("stream")},
		{"watched", byName("path")}} {
		out = append(out, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s AS %s ENGINE = Distributed(%s, %s, %s%s)`,
			p.all(t[0]), p.table(t[0]), quoted(p.cluster), p.database, t[0], t[1]))
	}
	return out
}

// byBlock has rows of a block go to one shard.
const byBlock = ", intHash64(first)"

// byName has rows of a name go to one shard.
func byName(column string) string { return ", cityHash64(" + column + ")" }

// knows makes sure that a server's cluster is the one that was named, all shards of it.
func (s *Store) knows(ctx context.Context, host string) error {
	if s.cluster == "" {
		return nil
	}
	text, err := s.textAt(ctx, host, `SELECT uniqExact(shard_num), count() FROM system.clusters WHERE cluster = `+
		quoted(s.cluster))
	if err != nil {
		return err
	}
	var shards, servers int
	if _, err := fmt.Sscan(text, &shards, &servers); err != nil {
		return fmt.Errorf("the clusters of ClickHouse at %s: %w", host, err)
	}
	switch {
	case shards == 0:
		return fault.New(fault.Invalid, "ClickHouse at %s knows no cluster %q: its remote_servers name none so.", host,
			s.cluster)
	case servers != len(s.hosts) || shards != servers:
		return fault.New(fault.Invalid, "The cluster %q has %d shards and %d servers, as ClickHouse at %s has it, and %d "+
			"are named. Name the HTTP address of each; each shard is one server.", s.cluster, shards, servers, host,
			len(s.hosts))
	}
	return nil
}

// everywhere runs a statement that gives nothing on each server.
func (s *Store) everywhere(ctx context.Context, query string) error {
	for _, host := range s.hosts {
		if _, err := s.textAt(ctx, host, query); err != nil {
			return err
		}
	}
	return nil
}
