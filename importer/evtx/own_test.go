package evtx_test

import (
	"fmt"
	"sync"

	"escutcheon/importer/evtx/evtxtest"
)

const moment = 134_000_000_001_234_567 // 100 ns since 1601: 2025-08-17T…

func change(n uint64) evtxtest.Event {
	return evtxtest.IIS29(evtxtest.IISChange{
		Record: n, Time: moment + n*1e7, Computer: "WEB01.example.test",
		PhysicalPath: `\\?\C:\Windows\system32\inetsrv\config\applicationHost.config`, ConfigPath: "MACHINE/WEBROOT/APPHOST",
		Configuration: fmt.Sprintf(`/system.webServer/modules/add[@name="mod%d"]`, n), Edit: 1, After: "mod",
	})
}

var userData = &evtxtest.Template{GUID: [16]byte{9, 9, 9}, Root: evtxtest.El("UserData",
	evtxtest.El("EventXML", evtxtest.At("xmlns", evtxtest.Text("myNs")),
		evtxtest.El("Param1", evtxtest.Sub(0, 1)),
		evtxtest.El("Certificate", evtxtest.At("fileRef", evtxtest.Sub(1, 1)), evtxtest.At("name", evtxtest.Opt(2, 1))),
		evtxtest.El("Param2", evtxtest.Text("a "), evtxtest.Sub(1, 1), evtxtest.Entity("amp"), evtxtest.Char('Z'),
			evtxtest.CDATA("<c>"))))}

var classic = &evtxtest.Template{GUID: [16]byte{8, 8}, Root: evtxtest.El("EventData",
	evtxtest.El("Data", evtxtest.Sub(0, 0x81)), evtxtest.El("Data", evtxtest.At("Name", evtxtest.Text("x")),
		evtxtest.Sub(1, 2)),
	evtxtest.El("Data", evtxtest.At("Name", evtxtest.Text("x")), evtxtest.Sub(2, 1)),
	evtxtest.El("Binary", evtxtest.Sub(3, 0x0E)))}

func system(n uint64) evtxtest.System {
	return evtxtest.System{
		Provider: "Provider", EventID: 7, Version: 2, Level: 4, Task: 3, Opcode: 1, Keywords: 0x80000000000000AA,
		Time:   moment + n,
		Record: n, Process: 4, Thread: 8, Channel: "Application", Computer: "HOST", User: evtxtest.SID(5, 21, 1, 2, 1001),
		EventIDSuffix: evtxtest.U16(16384), ActivityID: evtxtest.GUID([16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
			15, 16}),
	}
}

// literal is an event without any template.
func literal(n uint64) evtxtest.Event {
	e := func(name, text string) evtxtest.Node { return evtxtest.El(name, evtxtest.Text(text)) }
	root := evtxtest.El("Event", evtxtest.PI("go", "on ?>"), evtxtest.El("System",
		evtxtest.El("Provider", evtxtest.At("Name", evtxtest.Text("Literal"))), e("EventID", "11"),
		evtxtest.El("TimeCreated", evtxtest.At("SystemTime", evtxtest.Text("2025-01-02T03:04:05.1234567Z"))),
		e("EventRecordID", fmt.Sprint(n)), e("Channel", ""), evtxtest.El("Security")),
		evtxtest.El("EventData", evtxtest.El("Data", evtxtest.At("Name", evtxtest.Text("a")), evtxtest.Text("1 < 2")),
			e("Data", "two")))
	return evtxtest.Event{ID: n, Written: moment, XML: evtxtest.Item{Literal: &root}}
}

// variety is a log with an event of every kind, n times.
func variety(n int) *evtxtest.Log {
	l, id := &evtxtest.Log{}, uint64(0)
	next := func() uint64 { id++; return id }
	for range n {
		l.Add(change(next()), literal(next()))
		l.Add(evtxtest.New(system(next()), evtxtest.XML(userData, evtxtest.StrZ("päram<\u20AC>\U0001F600"),
			evtxtest.Str("ref'\""), evtxtest.Null())))
		l.Add(evtxtest.New(system(next()), evtxtest.XML(classic, evtxtest.Strs("one", "", "three"),
			evtxtest.Raw(2, 'a', 0x80, 0xE9, 0), evtxtest.Str(""), evtxtest.Raw(0x0E, 1, 0xAB))))
		l.Add(evtxtest.New(system(next()), evtxtest.LiteralXML(evtxtest.El("EventData",
			evtxtest.El("Data", evtxtest.Text("inner"))))))
		l.Add(evtxtest.New(system(next()), evtxtest.Null()))
	}
	return l
}

var ownLog = sync.OnceValue(func() []byte { return variety(400).Bytes() })

// benchLog is what our own writer adds to the log of the benchmarks: mostly
// changes to IIS configuration, and some of everything.
func benchLog() []byte {
	l := variety(30)
	for n := range uint64(600) {
		l.Add(change(1000 + n))
	}
	return l.Bytes()
}
