package eventjson

import "strings"

// beatRole is what a value of Winlogbeat's means for the event.
type beatRole uint8

const (
	beatField beatRole = iota
	beatWhole          // the event's data: an object of it
	beatData           // one value of it
	beatStamp          // @timestamp
	beatTime
	beatCode
	beatOtherCode // event.code
	beatHost
	beatOtherProvider // event.provider
	beatComputer
	beatChannel
	beatProvider
	beatRecord
	beatOpcode
	beatTask
	beatKeywords
	beatSid
	beatUser
	beatGUID
	beatLevel
	beatOtherLevel // log.level
	beatMessage
)

// beatRoles are the dotted names that mean something.
var beatRoles = map[string]beatRole{
	"winlog.event_data": beatWhole, "winlog.user_data": beatWhole,
	"@timestamp": beatStamp, "winlog.time_created": beatTime,
	"winlog.event_id": beatCode, "winlog.event_id.#text": beatCode, "winlog.event_id.value": beatCode,
	"winlog.event_id.Value": beatCode, "event.code": beatOtherCode,
	"host.name": beatHost, "event.provider": beatOtherProvider, "winlog.computer_name": beatComputer,
	"winlog.channel": beatChannel, "winlog.provider_name": beatProvider, "winlog.record_id": beatRecord,
	"winlog.opcode": beatOpcode, "winlog.task": beatTask, "winlog.keywords": beatKeywords,
	"winlog.user.identifier": beatSid, "winlog.user.name": beatUser, "winlog.provider_guid": beatGUID,
	"winlog.level": beatLevel, "log.level": beatOtherLevel, "message": beatMessage,
}

// path is a dotted name.
type path struct {
	name   string
	role   beatRole
	winlog bool   // it is below winlog
	field  string // of the event's data: the name there
}

func pathOf(name string) path {
	p := path{name: name, role: beatRoles[name]}
	rest, ok := strings.CutPrefix(name, "winlog.")
	if p.winlog = ok; !ok {
		return p
	}
	for _, in := range [...]string{"event_data.", "user_data."} {
		if field, ok := strings.CutPrefix(rest, in); ok {
			p.role, p.field = beatData, field
		}
	}
	return p
}

// paths are the dotted names that were seen, each made once: a value's name is
// found by the number of the name above it and its key.
type paths struct {
	all    []path // 0 is the object itself, which has no name
	byName map[string]int32
	recent [1 << recentBits]step // of look-ups, by a hash
}

const (
	recentBits = 8
	mostProbes = 4 // places where a look-up may be
)

type step struct {
	under, path int32
	key         string
}

func newPaths() *paths {
	return &paths{all: []path{{}}, byName: map[string]int32{}}
}

// below is the path of the member key of what has the path under. It is false
// for one that is not kept, as hostile names must not stay in memory.
func (p *paths) below(under int32, key string) (int32, bool) {
	home := (hash(key) ^ uint32(under)*0x85EBCA6B) >> (32 - recentBits)
	to := &p.recent[home]
	for i := range uint32(mostProbes) {
		s := &p.recent[(home+i)%uint32(len(p.recent))]
		if s.path == 0 {
			to = s
			break
		}
		if s.key == key && s.under == under {
			return s.path, true
		}
	}
	name := key
	if above := p.all[under].name; above != "" {
		name = above + "." + key
	}
	id, ok := p.byName[name]
	if !ok {
		if len(p.all) > mostNames || len(name) > mostName {
			return 0, false
		}
		name = strings.Clone(name)
		id = int32(len(p.all))
		p.all = append(p.all, pathOf(name))
		p.byName[name] = id
	}
	kept := p.all[id].name // of which the key is the end
	*to = step{under, id, kept[len(kept)-len(key):]}
	return id, true
}
