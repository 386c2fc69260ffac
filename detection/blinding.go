package detection

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"escutcheon/event"
)

// Kinds of what blinds the logs: Module is then the channel. They are of no verdict.
const (
	LogCleared     Kind = 1 << (14 + iota) // a log was cleared
	ChannelOff                             // a channel was switched off
	ChannelOn                              // or on again
	HistoryTrouble                         // the server could not keep versions of its configuration
)

// Blinding are all of them.
const Blinding = LogCleared | ChannelOff | ChannelOn | HistoryTrouble

var (
	setLog = regexp.MustCompile(`(?i)\bwevtutil(?:\.exe)?"?\s+(?:sl|set-log)\s+"?([^\s"]+)"?[^|&;\n]*?` +
		`\s/e(?:nabled)?:(true|false)\b`)
	clearLog = regexp.MustCompile(`(?i)\bwevtutil(?:\.exe)?"?\s+(?:cl|clear-log)\s+"?([^\s"/]+(?:/[^\s"]+)?)`)
	clearPS  = regexp.MustCompile(`(?i)\bClear-EventLog\s+(?:-LogName\s+)?["']?([^\s"';|]+)`)
	channels = regexp.MustCompile(`(?i)\\WINEVT\\Channels\\([^\\]+)`)
)

// blindingOf is what an event says of logs that see less from then on.
func blindingOf(e *event.Event) (c ChangeEvent, ok bool) {
	switch {
	case e.EventCode == 104 && strings.EqualFold(e.Channel, "System"):
		log, _ := e.Get("Channel")
		c = ChangeEvent{Kind: LogCleared, Module: cmp.Or(log, "a log"), By: subjectOf(e)}
	case e.EventCode == 1102 && e.IsSecurity():
		c = ChangeEvent{Kind: LogCleared, Module: "Security", By: subjectOf(e)}
	case e.EventCode >= 9000 && e.EventCode <= 9012 && strings.Contains(strings.ToLower(e.Provider), "apphostsvc"):
		c = ChangeEvent{Kind: HistoryTrouble, Module: "APPHOSTSVC " + strconv.FormatInt(e.EventCode, 10), By: AccountOf(e)}
	case e.EventCode == 13 && e.IsSysmon():
		object, _ := e.Get("TargetObject")
		details, _ := e.Get("Details")
		c = channelSwitch(object, details)
		c.By = whoRan(e)
	case e.EventCode == 4657 && e.IsSecurity():
		object, _ := e.Get("ObjectName")
		name, _ := e.Get("ObjectValueName")
		value, _ := e.Get("NewValue")
		c = channelSwitch(object+`\`+name, value)
		c.By = subjectOf(e)
	case e.EventCode == 1 && e.IsSysmon(), e.EventCode == 4688 && e.IsSecurity():
		text, _ := e.Get("CommandLine")
		c = blindingCommand(text)
		c.By = whoRan(e)
	case e.EventCode == 4104:
		text, _ := e.Get("ScriptBlockText")
		c = blindingCommand(text)
		c.By = whoRan(e)
	}
	return c, c.Kind != 0
}

// channelSwitch is what the value Enabled of a channel in the registry says.
func channelSwitch(object, value string) (c ChangeEvent) {
	m := channels.FindStringSubmatch(object)
	if m == nil || !strings.HasSuffix(strings.ToLower(object), `\enabled`) {
		return c
	}
	c.Module = m[1]
	switch value = strings.ToLower(strings.TrimSpace(value)); {
	case value == "0", strings.HasSuffix(value, "0x00000000)"), value == "0x0":
		c.Kind = ChannelOff
	case value == "1", strings.HasSuffix(value, "0x00000001)"), value == "0x1":
		c.Kind = ChannelOn
	}
	return c
}

// blindingCommand is what a command says.
func blindingCommand(text string) (c ChangeEvent) {
	text = text[:min(len(text), mostCommand)]
	if low := strings.ToLower(text); !strings.Contains(low, "wevtutil") && !strings.Contains(low, "clear-eventlog") {
		return c
	}
	if m := setLog.FindStringSubmatch(text); m != nil {
		c = ChangeEvent{Kind: ChannelOff | FromCommand, Module: m[1]}
		if strings.EqualFold(m[2], "true") {
			c.Kind = ChannelOn | FromCommand
		}
		return c
	}
	for _, of := range []*regexp.Regexp{clearLog, clearPS} {
		if m := of.FindStringSubmatch(text); m != nil {
			return ChangeEvent{Kind: LogCleared | FromCommand, Module: m[1]}
		}
	}
	return c
}

// subjectOf is the account that an event names as its subject.
func subjectOf(e *event.Event) string {
	name, _ := e.Get("SubjectUserName")
	domain, _ := e.Get("SubjectDomainName")
	if name == "" || name == "-" {
		return AccountOf(e)
	}
	if domain != "" && domain != "-" {
		return domain + `\` + name
	}
	return name
}
