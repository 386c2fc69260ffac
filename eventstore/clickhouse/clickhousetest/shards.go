package clickhousetest

import (
	"fmt"
	"strings"
	"testing"
)

// Shards are servers that are the shards of one cluster.
type Shards []*Server

const clusterName = "shards"

// ShardsAddress names a database that nobody else uses, of the two shards that all tests
// share.
func ShardsAddress(t testing.TB) string {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if sharded == nil {
		sharded = startShards(t)
	}
	return sharded.Address()
}

// StartShards starts two shards of a test's own.
func StartShards(t testing.TB) Shards {
	t.Helper()
	s := startShards(t)
	for _, server := range s {
		t.Cleanup(server.Stop)
	}
	return s
}

func startShards(t testing.TB) (out Shards) {
	t.Helper()
	ports := make([][]int, shardsToStart())
	var near []int
	for i := range ports {
		var err error
		if ports[i], err = freePorts(); err != nil {
			t.Fatal(err)
		}
		near = append(near, ports[i][1])
	}
	for i := range ports {
		out = append(out, startNear(t, "", ports[i], near))
	}
	return out
}

// Address names a database that nobody else uses.
func (s Shards) Address() string {
	var hosts []string
	for _, server := range s {
		hosts = append(hosts, server.Host)
	}
	return fmt.Sprintf("clickhouse://%s/test%d?cluster=%s", strings.Join(hosts, ","), names.Add(1), clusterName)
}

// SharedShards are those that all tests share; there are some after ShardsAddress.
func SharedShards() Shards { return sharded }
