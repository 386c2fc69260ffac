package materializetest

import (
	"fmt"
	"testing"

	"escutcheon/detection"
	"escutcheon/event"
)

// Rule is a TTP of a search that ends with its filter: 40 of risk for the
// system in dest, 10 for the user in user, and its messages are threat objects.
func Rule(t testing.TB, id, search, filter string) *detection.Rule {
	t.Helper()
	text := fmt.Sprintf(`name: Rule %s
id: %s
version: 1
type: TTP
search: %q
rba:
  message: something on $dest$
  risk_objects:
  - field: dest
    type: system
    score: 40
  - field: user
    type: user
    score: 10
  threat_objects:
  - field: messages
    type: process_name
`, id, id, search+" | `test_filter`")
	all, err := detection.Assemble([]detection.SourceFile{
		{Path: "rule.yml", Kind: detection.RuleFile, Content: []byte(text)},
	}, map[string]string{id: filter})
	if err != nil {
		t.Fatal(err)
	}
	r := detection.Find(all.Rules, id)
	if r == nil {
		t.Fatalf("rule %s is refused: %v", id, all.Refused)
	}
	return r
}

// Searches are of every kind: each row of one group alone, without stats, and of
// all rows together, where they are those of groups and where they are made.
var Searches = map[string]string{
	"stats": "EventCode=29 | stats count min(_time) as firstTime max(_time) as lastTime" +
		" values(Message) as messages values(user) as user by ComputerName | rename ComputerName as dest",
	"where": "EventCode=29 | stats count dc(Message) as kinds by ComputerName user | where count > 2" +
		" | rename ComputerName as dest",
	"table": "EventCode=29 | table _time ComputerName Message user | rename ComputerName as dest Message as messages",
	"parts": "EventCode=29 | eval word=split(Message, \" \") | mvexpand word" +
		" | stats count values(Message) as messages by ComputerName word | rename ComputerName as dest",
	"eventstats": "EventCode=29 | stats count by ComputerName Message | eventstats sum(count) as total by ComputerName" +
		" | where total > 3 | rename ComputerName as dest Message as messages",
	"head": "EventCode=29 | stats count by ComputerName Message | sort - count Message | head 3" +
		" | rename ComputerName as dest Message as messages",
	"made": "EventCode=29 | stats count by ComputerName Message" +
		" | stats sum(count) as count values(ComputerName) as dest by Message | rename Message as messages",
	"top": "EventCode=29 | stats count by ComputerName Message | stats sum(count) as n values(ComputerName) as dest" +
		" by Message | sort - n Message | head 2 | rename Message as messages",
	"sized": "EventCode=29 | stats count by ComputerName | eval size=if(count > 2, \"many\", \"few\")" +
		" | stats sum(count) as n values(ComputerName) as dest by size",
	"joined": "EventCode=29 | stats count by ComputerName | join ComputerName [search EventCode=29 Message=\"add*\"" +
		" | stats count as added values(Message) as messages by ComputerName] | rename ComputerName as dest",
	"appended": "EventCode=29 Message=\"add a\" | stats count by ComputerName Message | append" +
		" [search EventCode=29 user=anna | stats count by ComputerName user] | rename ComputerName as dest" +
		" | table dest user Message count",
	"asked": "EventCode=29 [search EventCode=29 Message=\"remove*\" | fields ComputerName | dedup ComputerName]" +
		" | stats count list(Message) as messages by ComputerName | rename ComputerName as dest",
}

// Change is an event of the IIS configuration on a host at a second.
func Change(host string, second int64, message string) *event.Event {
	e := &event.Event{
		Nanos: second * 1e9, HasTime: true, EventCode: 29, RecordNumber: event.None, Computer: host,
		Channel: event.IISConfiguration, Provider: event.IISProvider, OpCode: "Info", Message: message,
	}
	e.Add("EventCode", "29")
	return e
}

// Other is an event that no rule wants.
func Other(second int64) *event.Event {
	e := Change("web01", second, "committed")
	e.EventCode, e.Fields = 50, []event.Field{{Name: "EventCode", Value: "50"}}
	return e
}

// By is an event with a user.
func By(user string, e *event.Event) *event.Event {
	e.Add("user", user)
	return e
}
