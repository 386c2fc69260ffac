package clickhouse_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"escutcheon/eventstore/blockstore"
	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/fault"
)

// TestSpread has blocks lie on all shards, each whole on one, and be forgotten on all.
func TestSpread(t *testing.T) {
	address, r := clickhousetest.ShardsAddress(t), rand.New(rand.NewPCG(1, 2))
	clickhousetest.SharedShards().NeedsTwo(t)
	s := open(t, address)
	var blocks []blockstore.Block
	var refs []blockstore.Ref
	for n := range 20 {
		blocks = append(blocks, made(r, int64(1+10*n), 5, 10))
		refs = append(refs, blocks[n].Ref)
	}
	ok(t, s.Put(ctx, blocks))
	database, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], "?")
	count := func(what string) (n []int) {
		for _, server := range clickhousetest.SharedShards() {
			is, err := strconv.Atoi(server.Query(t, `SELECT `+what+` FROM `+database+`.event`))
			ok(t, err)
			n = append(n, is)
		}
		return n
	}
	if n := count(`uniqExact(first)`); n[0] == 0 || n[1] == 0 || n[0]+n[1] != 20 {
		t.Errorf("blocks lie on shards as %v", n)
	}
	ok(t, s.Forget(ctx, refs))
	ok(t, eventually(func() bool { n := count(`count()`); return n[0]+n[1] == 0 }))
}

// TestNotThisCluster refuses what is no cluster of the servers, or not all of it.
func TestNotThisCluster(t *testing.T) {
	address := clickhousetest.ShardsAddress(t)
	clickhousetest.SharedShards().NeedsTwo(t)
	first, _, _ := strings.Cut(strings.TrimPrefix(address, "clickhouse://"), ",")
	for address, says := range map[string]string{
		strings.Replace(address, "cluster=", "cluster=no", 1): "knows no cluster",
		"clickhouse://" + first + "/x?cluster=shards":         "2 shards and 2 servers",
	} {
		if _, err := open(t, address).Owner(ctx); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
