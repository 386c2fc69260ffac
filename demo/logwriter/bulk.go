package logwriter

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// bulkHosts is how many computers Bulk's records come from.
const bulkHosts = 8

// Bulk yields n varied records: about 30 % IIS configuration, 50 % Security
// logons and process starts, the rest Sysmon and System. The same n and seed
// give the same records, and a smaller n gives a prefix of them. Times rise
// from 2026-01-05 by a few seconds a record at most; record numbers are unique
// in their computer and channel. The yielded record is the loop's to change.
func Bulk(n int, seed uint64) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		b := bulk{
			rng:     rand.New(rand.NewPCG(seed, 0x45736375)),
			at:      time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC),
			numbers: map[string]int64{},
		}
		for range n {
			r := b.next()
			if !yield(&r) {
				return
			}
		}
	}
}

type bulk struct {
	rng     *rand.Rand
	at      time.Time
	numbers map[string]int64
}

func (b *bulk) next() Record {
	r := b.record()
	b.at = b.at.Add(time.Duration(b.rng.IntN(4_000_000)) * time.Microsecond)
	r.Time = b.at.Truncate(100 * time.Nanosecond)
	host := b.rng.IntN(bulkHosts)
	r.Computer = fmt.Sprintf("srv%02d.corp.example", host+1)
	key := r.Channel + string(rune('0'+host))
	b.numbers[key]++
	r.RecordNumber = 1000 + b.numbers[key]
	if r.ProcessID == 0 {
		r.ProcessID, r.ThreadID = 1200+b.rng.IntN(4000), 100+b.rng.IntN(9000)
	}
	return r
}

func (b *bulk) record() Record {
	user := fmt.Sprintf("svc-%s%d", pick(b.rng, "deploy", "backup", "scan", "sql", "web"), b.rng.IntN(20))
	sid := fmt.Sprintf("S-1-5-21-3051184257-824117605-2290114781-%d", 1100+b.rng.IntN(300))
	switch p := b.rng.IntN(100); {
	case p < 30:
		return b.iis(sid)
	case p < 55:
		return Logon(sid, "CORP", user, b.hex(), fmt.Sprintf("10.20.%d.%d", b.rng.IntN(256), b.rng.IntN(256)))
	case p < 80:
		image, args, parent := b.process()
		return ProcessStart(sid, "CORP", user, b.hex(), image, `"`+image+`" `+args, parent)
	case p < 92:
		image, args, parent := b.process()
		guid := fmt.Sprintf("{8a5c1f02-%04x-%04x-%04x-%012x}", b.rng.IntN(1<<16), b.rng.IntN(1<<16), b.rng.IntN(1<<16),
			b.rng.Int64N(1<<48))
		return SysmonProcess(`CORP\`+user, guid, fmt.Sprint(b.rng.IntN(30000)), image, `"`+image+`" `+args, parent)
	}
	return ServiceState(pick(b.rng, "Windows Update", "Background Intelligent Transfer Service",
		"Software Protection", "WMI Performance Adapter"), pick(b.rng, "running", "stopped"))
}

// iis gives a configuration event; most are event 29.
func (b *bulk) iis(sid string) Record {
	pool := fmt.Sprintf("Pool%02d", b.rng.IntN(40))
	poolPath := `/system.applicationHost/applicationPools/add[@name="` + pool + `"]`
	site := fmt.Sprintf(`/system.applicationHost/sites/site[@name="Site %02d" and @id="%[1]d"]`, b.rng.IntN(25))
	var r Record
	switch b.rng.IntN(8) {
	case 0:
		r = IISBegin()
	case 1:
		r = IISEnd("0x0")
	case 2:
		r = IISCommitted(AppHost)
	case 3:
		r = IISChange(Change{Path: site + "/@state", Edit: EditAdd, Before: "Starting", After: "Started"})
	case 4:
		r = IISChange(Change{Path: site + "/logFile/@directory", Edit: EditModify,
			Before: `%SystemDrive%\inetpub\logs\LogFiles`, After: `D:\IISLogs & "Archive"`})
	case 5:
		r = IISChange(IISModuleAdded(fmt.Sprintf("Handler%dModule", b.rng.IntN(12)),
			`%windir%\System32\inetsrv\hndlr.dll`)[b.rng.IntN(5)])
	default:
		r = IISChange(Change{Path: poolPath + `/recycling/periodicRestart/schedule/add[@value="0` +
			fmt.Sprint(b.rng.IntN(6)) + `:00:00"]`, Edit: EditAdd})
	}
	r.Sid = sid
	return r
}

func (b *bulk) process() (image, args, parent string) {
	return `C:\Windows\System32\` + pick(b.rng, "svchost.exe", "conhost.exe", `inetsrv\w3wp.exe`, "cmd.exe",
			"taskhostw.exe"),
		pick(b.rng, "-k netsvcs -p", `-ap "DefaultAppPool" -v "v4.0"`, "/c exit 0", "0xffffffff -ForceV1"),
		`C:\Windows\System32\` + pick(b.rng, "services.exe", "svchost.exe", "cmd.exe")
}

func (b *bulk) hex() string { return fmt.Sprintf("0x%x", 0x1000+b.rng.IntN(1<<28)) }

func pick(rng *rand.Rand, from ...string) string { return from[rng.IntN(len(from))] }
