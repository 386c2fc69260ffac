package detection

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// risk gives a rule the risk of its document, whatever schema it is in: rba,
// findings, or observables in the tags.
func (d *document) risk(r *Rule) {
	switch {
	case d.RBA != nil:
		r.RBA = d.RBA.rba()
		return
	case d.Finding != nil || d.Intermediate != nil || d.Threats != nil:
		r.RBA, r.messages = d.findings()
	case d.Tags != nil:
		r.RBA = d.Tags.rba()
	}
	if len(r.RBA.RiskObjects)+len(r.RBA.ThreatObjects) > 0 {
		r.riskRead = fmt.Sprint(r.RBA, r.messages)
	}
}

// findings is the risk of the schema of 2026: the entities of the finding, then
// those of the intermediate findings; the first one of a field and type counts.
// An entity of an intermediate finding has a message of its own.
func (d *document) findings() (RBA, []string) {
	var out rbaDoc
	var messages []string
	for _, f := range slices.Concat(d.Finding, d.Intermediate) {
		for _, e := range slices.Concat(f.Entity, f.Entities) {
			if slices.ContainsFunc(out.RiskObjects, e.same) {
				continue
			}
			out.RiskObjects = append(out.RiskObjects, e)
			messages = append(messages, string(cmp.Or(e.Message, f.Title)))
		}
	}
	for _, f := range slices.Concat(d.Finding, d.Intermediate) {
		out.Message = cmp.Or(out.Message, f.Title)
	}
	if len(messages) > 0 {
		out.Message = cmp.Or(out.Message, text(messages[0]))
	}
	out.ThreatObjects = d.Threats
	return out.rba(), messages
}

func (e entity) same(o entity) bool {
	return o.Field == e.Field && strings.EqualFold(string(o.Type), string(e.Type))
}

// rba is the risk of the schema of 2025. Its lists are sets: what is said twice
// counts once.
func (d *rbaDoc) rba() RBA {
	out := RBA{Message: string(d.Message)}
	for _, o := range d.RiskObjects {
		out.addRisk(RiskObject{string(o.Field), strings.ToLower(string(o.Type)), o.Score.value})
	}
	for _, o := range d.ThreatObjects {
		out.addThreat(ThreatObject{string(o.Field), string(o.Type)})
	}
	return out
}

func (b *RBA) addRisk(o RiskObject) {
	if !slices.Contains(b.RiskObjects, o) {
		b.RiskObjects = append(b.RiskObjects, o)
	}
}

func (b *RBA) addThreat(o ThreatObject) {
	if !slices.Contains(b.ThreatObjects, o) {
		b.ThreatObjects = append(b.ThreatObjects, o)
	}
}

// rba is the risk of the old schema. A victim is a risk object, whatever else
// an observable is, a threat object. The score is the rule's: risk_score, or
// where that is missing impact × confidence in hundredths. Where the two schemas
// after it have another object for the same observable, it is theirs: a user is
// never a threat object, a process or a file never a risk object. Of the rules of
// October 2024 that 5.0.0 has with risk, nine of ten have the very same objects there;
// of the others the content changed.
func (t *tagsDoc) rba() RBA {
	score := t.RiskScore.value
	if !t.RiskScore.set {
		score = int(math.Round(float64(t.Impact.value*t.Confidence.value) / 100))
	}
	out := RBA{Message: string(t.Message)}
	for _, o := range t.Observable {
		if o.Name == "" {
			continue
		}
		if o.isRisk() {
			out.addRisk(RiskObject{string(o.Name), o.objectType(), score})
		} else {
			out.addThreat(ThreatObject{string(o.Name), o.threatType()})
		}
	}
	return out
}

// isRisk says whether an observable is a risk object.
func (o observable) isRisk() bool {
	switch {
	case len(o.Role) == 0:
		return o.objectType() != "other"
	case o.has("Victim") || o.has("Target"):
		return o.objectType() != "other" || !slices.Contains(threatTypes, o.threatType())
	}
	return o.has("Attacker") && (o.isUser() || o.typeName() == "endpoint" && !o.isAddress())
}

func (o observable) has(role string) bool {
	return slices.ContainsFunc(o.Role, func(s string) bool { return strings.EqualFold(s, role) })
}

func (o observable) typeName() string { return strings.ToLower(strings.TrimSpace(string(o.Type))) }

func (o observable) isUser() bool {
	return slices.Contains([]string{"user", "username", "user name"}, o.typeName())
}

// isAddress says that the field is one of IP addresses by its name.
func (o observable) isAddress() bool {
	name := strings.ToLower(string(o.Name))
	return name == "ip" || name == "ipaddress" || strings.HasSuffix(name, "_ip")
}

// objectType is the type of risk object that ESCU makes of an observable.
func (o observable) objectType() string {
	switch o.typeName() {
	case "user", "username", "user name", "email", "email address":
		return "user"
	case "hostname", "endpoint", "device", "ip address":
		return "system"
	}
	return "other"
}

// threatTypes are the types of threat objects of the schemas since 2025.
var threatTypes = []string{"certificate_common_name", "certificate_organization", "certificate_serial",
	"certificate_unit", "command", "domain", "email_address", "email_subject", "file_hash", "file_name", "file_path",
	"http_user_agent", "ip_address", "process", "process_name", "parent_process", "parent_process_name", "process_hash",
	"registry_path", "registry_value_name", "registry_value_text", "service", "signature", "system", "tls_hash", "url"}

// byField are the observables' types that the field's name says more of.
var byField = []string{"process", "process_name", "file", "file_name", "file_hash", "other", "unknown", "registry_key",
	"registry_value"}

// threatType is what the schemas since 2025 call a threat object: by its field
// where that is the name of a type, else by the observable's type. One that they
// do not know is written as they write theirs.
func (o observable) threatType() string {
	field := strings.ToLower(string(o.Name))
	switch name := strings.ReplaceAll(o.typeName(), " ", "_"); {
	case (o.has("Attacker") || o.has("Victim")) && slices.Contains(byField, name) && slices.Contains(threatTypes, field):
		return field
	case name == "endpoint" && o.isAddress():
		return "ip_address"
	case name == "url_string" || name == "uniform_resource_locator":
		return "url"
	case name == "file":
		return "file_name"
	case name == "email":
		return "email_address"
	default:
		return name
	}
}
