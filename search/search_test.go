package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/search"
)

// asked are searches of every kind.
var asked = []string{
	`*`, `| stats count`, `appcmd`, `APPCMD`, `app*`, `*cmd*`, `"committed."`, `NOT appcmd`, `appcmd OR httpstrm`,
	`httpstrm.dll`, `system32\\inetsrv`, `EventCode=29`, `EventCode=29 OR EventCode=4688`, `EventCode IN (29, 50)`,
	`EventCode!=29`, `EventID=29 LogName="Microsoft-IIS-Configuration/Operational"`,
	`LogName=security`, `source=*Security`,
	`sourcetype="IIS:Configuration:Operational"`, `sourcetype=WinEventLog`, `index=main EventCode=29`, `host=exch01*`,
	`host=exch01.corp.example`, `ComputerName=EXCH01.corp.example`, `dest="web01.corp.example" EventCode=29`,
	`NewProcessName=*appcmd.exe`, `NewProcessName="C:\\Windows\\System32\\inetsrv\\appcmd.exe"`, `user=*$`,
	`Message="*globalModules*"`, `OpCode=Info`,
	`Message="*appcmd*"`, `Message="*httpstrm*"`, `Message="*/add[@name=\"HttpStreamCacheModule\"]*"`,
	`Message="*ommitt*"`, `Message="Changes*globalModules*"`, `Message="*module\n*"`, `Message=*é* OR Message=*ü*`,
	`Message="*committed."`, `Message="A*"`, `Message IN ("*httpstrm.dll*")`, `NOT Message="*at*"`,
	`EventCode>1000 EventCode<5000`, `nosuchfield=1`, `nosuchword`,
	`* | stats count by EventCode`, `* | stats count by EventCode LogName`, `* | stats count by source sourcetype`,
	`* | stats count min(_time) as a max(_time) as b by EventCode`, `* | stats count by ComputerName`,
	`* | stats dc(ComputerName) values(EventCode) by LogName`,
	`* | stats first(EventCode) last(EventCode) by ComputerName`,
	`* | stats latest(Message) list(RecordNumber) by ComputerName EventCode`,
	`* | eval x=len(Message) | stats avg(x) by dest`,
	`appcmd | stats count by _raw`, `* | eval hit=if(searchmatch("appcmd"),1,0) | stats sum(hit)`,
	`* | where EventCode=29 | stats count by Message`, `* | rename EventCode as code | stats count by code`,
	`* | rex "(?<exe>\\w+\\.exe)" | stats count by exe`, `* | head 7`, `EventCode=29 | tail 3 | table _time Message`,
	`* | dedup ComputerName`, `* | sort - EventCode | head 5 | table EventCode`, `* | top EventCode`,
	`* | rare LogName`,
	`* | timechart span=1d count by EventCode`, `* | chart count over LogName by EventCode`,
	`* | stats count by EventCode | where count>10 | sort - count`,
	`EventCode=29 [ search appcmd | fields ComputerName ]`,
	`| tstats count from datamodel=Endpoint.Processes by Processes.process_name`,
	`* | bin _time span=1h | stats count by _time`,
	`sourcetype=ms:iis:auto sc_status=500 | stats count by cs_uri_stem`, `sourcetype="ms:iis:auto" | stats count`,
	`source=ms:iis:auto status=200 url="/p*x=1"`, `sourcetype=MS:IIS:* | stats count by sourcetype LogName`,
	`| tstats count from datamodel=Web by Web.status`, `cs_uri_stem="/pa" | stats count by src user site dest`,
	`| tstats sum(Web.bytes) from datamodel=Web where Web.url="/pb*" by Web.dest Web.src Web.http_user_agent`,
	`| from datamodel:"Web.Web" | stats count by http_method vendor_product`, `NOT LogName=* | stats count by sourcetype`,
	`sourcetype=ms:iis:httperr`, `LogName=ms:iis:auto`,
	`* | fillnull value=none user | stats count by user`, `* | stats count by Type Keywords TaskCategory`,
	`earliest=-1h EventCode=29`, `earliest=-3d latest=-1d EventCode=29 | stats count by ComputerName`, `index=risk`,
	`index=* EventCode=29 | stats count`, `starthoursago=48 | stats count by EventCode`,
	`* | transaction ComputerName maxspan=10s | stats count`, `* | stats count by index`,
	`index=wineventlog | stats count by index EventCode`, `EventCode=29 | stats count by index ComputerName`,
	`* | where index="main" | search index=wineventlog | stats count by EventCode index`,
}

// rows are what an answer shows, a line each.
func rows(a *spl.Answer) (out []string) {
	for _, f := range a.Rows {
		var b strings.Builder
		for _, c := range a.Columns {
			v, ok := f.Row.Get(c)
			fmt.Fprintf(&b, "%s=%q %t ", c, v, ok)
		}
		out = append(out, b.String())
	}
	return out
}

// check compares a search with the same one over all events, decoded whole.
func (h *house) check(all []spl.Event, text string, in search.Range) {
	h.t.Helper()
	s, err := h.Prepare(text, time.Time{})
	if err != nil {
		h.t.Errorf("%s: %v", text, err)
		return
	}
	got, err := s.Run(ctx, in, nil, nil)
	if err != nil {
		h.t.Errorf("%s: %v", text, err)
		return
	}
	env := h.Env()
	env.Now = func(time.Time) time.Time { return h.Now() }
	q, err := env.Query(text)
	if err != nil {
		h.t.Fatal(err)
	}
	want, err := q.Run(ctx, spl.Events(slices.Values(all)), spl.Options{Earliest: in.Earliest,
		Latest: in.Latest, Now: h.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	a, b := rows(got), rows(want)
	if s.Lists() || strings.Contains(text, "head") || strings.Contains(text, "tail") { // events of one time have no order
		slices.Sort(a)
		slices.Sort(b)
	}
	if strings.Contains(text, "head") || strings.Contains(text, "tail") || strings.Contains(text, "dedup") {
		if len(a) != len(b) {
			h.t.Errorf("%s: %d rows, want %d", text, len(a), len(b))
		}
		return
	}
	if !slices.Equal(a, b) {
		h.t.Errorf("%s: %d rows, want %d%s", text, len(a), len(b), firstDifference(a, b))
	}
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("; the first that differs\n got %.600s\nwant %.600s", a[i], b[i])
		}
	}
	return ""
}

// TestSearches: the answer is that of the same search over all events decoded whole,
// whatever of them the store passes over.
func TestSearches(t *testing.T) {
	h := demoHouse(t)
	all := h.events()
	if len(all) < 2000 {
		t.Fatalf("%d events", len(all))
	}
	day := search.Range{Earliest: noon.Add(-48 * time.Hour), Latest: noon.Add(-24*time.Hour + 500*time.Millisecond)}
	for i, text := range asked {
		h.check(all, text, search.Range{})
		if i%3 == 0 || !testing.Short() {
			h.check(all, text, day)
		}
	}
}

// TestEveryField: what an event says in any field is found by that field, in logs of
// every format that is at hand.
func TestEveryField(t *testing.T) {
	for _, name := range []string{"demo", "samples"} {
		h := demoHouse(t)
		if name == "samples" {
			if testing.Short() {
				t.Skip("the samples take some time")
			}
			h = newHouse(t, samples(t)...)
		}
		all := h.events()
		rand := rand.New(rand.NewPCG(1, 2))
		type pair struct{ name, value string }
		seen := map[string]int{}
		var pairs []pair
		for _, i := range rand.Perm(len(all)) {
			e := all[i].(*event.Event)
			e.Names(func(field string) bool {
				v, _ := e.Get(field)
				if seen[field]++; seen[field] <= 1 && len(v) < 2000 && !strings.ContainsAny(v, "*\n\r\t\x00") {
					pairs = append(pairs, pair{field, v})
				}
				return true
			})
		}
		t.Logf("%s: %d events, %d fields, %d values", name, len(all), len(seen), len(pairs))
		rand.Shuffle(len(pairs), func(i, k int) { pairs[i], pairs[k] = pairs[k], pairs[i] })
		for _, p := range pairs[:min(len(pairs), 200)] {
			quoted := strings.ReplaceAll(strings.ReplaceAll(p.value, `\`, `\\`), `"`, `\"`)
			text := fmt.Sprintf(`"%s"="%s" | stats count`, p.name, quoted)
			if strings.ContainsAny(p.name, ` "`) {
				continue
			}
			h.check(all, text, search.Range{})
		}
	}
}
