package datamodel

import "escutcheon/event"

// roots are the datasets above all others, by their models.
var roots = map[string]string{"network_traffic": "All_Traffic", "network_resolution": "DNS",
	"authentication": "Authentication", "change": "All_Changes", "web": "Web", "risk": "All_Risk"}

// fileActions are what events say of a file or a registry key.
var fileActions = []string{"created", "deleted", "modified"}

var datasets = []*Dataset{
	{
		name: "Endpoint.Processes", prefix: "Processes.", action: "allowed", actions: fileActions,
		sources: []Source{{event.Sysmon, 1}, {event.Security, 4688}},
		fixed:   map[string]string{"os": "Microsoft Windows"},
		fields: names(`action dest dest_is_expected dest_requires_av dest_should_update dest_should_timesync dest_priority
			dest_category original_file_name os parent_process parent_process_exec parent_process_guid
			parent_process_id parent_process_name parent_process_path process process_current_directory process_exec
			process_guid process_hash process_id process_integrity_level process_name process_path tag user user_id
			user_bunit user_category user_priority vendor_product`),
	},
	{
		name: "Endpoint.Registry", prefix: "Registry.", action: "modified", actions: fileActions,
		sources: []Source{{event.Sysmon, 12}, {event.Sysmon, 13}, {event.Sysmon, 14}},
		fixed:   map[string]string{"status": "success"},
		as:      map[string][]string{"registry_value_text": {"registry_value_data"}},
		fields: names(`action dest process_guid process_id process_name process_path registry_hive registry_key_name
			registry_path registry_value_data registry_value_name registry_value_text registry_value_type status tag
			user vendor_product`),
	},
	{
		name: "Endpoint.Filesystem", prefix: "Filesystem.", action: "created", actions: fileActions,
		sources: []Source{{event.Sysmon, 11}},
		as:      map[string][]string{"file_modify_time": {"file_create_time"}},
		fields: names(`action dest file_access_time file_acl file_create_time file_hash file_modify_time file_name file_path
			file_size process_guid process_id process_name process_path tag user vendor_product`),
	},
	{ // dest and src are the ends of the connection, not the host that logged it
		name: "Network_Traffic.All_Traffic", prefix: "All_Traffic.", action: "allowed",
		sources: []Source{{event.Sysmon, 3}},
		as: map[string][]string{"dest": {"dest_host", "dest_ip"}, "src": {"src_host", "src_ip"},
			"dvc": {"Computer"}},
		fields: names(`action app bytes bytes_in bytes_out channel dest dest_bunit dest_category dest_host dest_interface
			dest_ip dest_mac dest_port dest_priority dest_translated_ip dest_translated_port dest_zone direction
			duration dvc dvc_ip dvc_mac dvc_zone flow_id icmp_code icmp_type packets packets_in packets_out process_id
			protocol protocol_version response_time rule session_id src src_bunit src_category src_host src_interface
			src_ip src_mac src_port src_priority src_translated_ip src_translated_port src_zone ssid tag tcp_flag
			transport tos ttl user user_bunit user_category user_priority vendor_product vlan wifi`),
	},
	{ // Sysmon does not say which server answered
		name: "Network_Resolution.DNS", prefix: "DNS.",
		sources: []Source{{event.Sysmon, 22}},
		as:      map[string][]string{"dest": {}, "reply_code": {"reply_code", "reply_code_id"}, "name": {"query"}},
		fields: names(`additional_answer_count answer answer_count authority_answer_count dest dest_bunit dest_category
			dest_port dest_priority duration flow_id message_type name query query_count query_type record_type
			reply_code reply_code_id response_time src src_bunit src_category src_port src_priority tag transaction_id
			transport ttl vendor_product`),
	},
	authentication("Authentication", ""),
	authentication("Failed_Authentication", "failure"),
	authentication("Successful_Authentication", "success"),
	changes("All_Changes", accountCodes, auditCodes, otherCodes),
	changes("Account_Management", accountCodes),
	changes("Auditing_Changes", auditCodes),
	changes("Endpoint_Changes"), changes("Instance_Changes"), changes("Network_Changes"),
	{
		name: "Web.Web", prefix: "Web.",
		sources: []Source{{event.RequestLog, event.None}},
		fields: names(`action app bytes bytes_in bytes_out cached category cookie dest dest_bunit dest_category dest_port
			dest_priority duration http_content_type http_method http_referrer http_referrer_domain http_user_agent
			http_user_agent_length response_time site src src_bunit src_category src_priority status tag uri_path
			uri_query url url_domain url_length user user_bunit user_category user_priority vendor_product`),
	},
	{
		name: "Risk.All_Risk", prefix: "All_Risk.", index: "risk",
		as: map[string][]string{"calculated_risk_score": {"calculated_risk_score", "risk_score"},
			"normalized_risk_object": {"normalized_risk_object", "risk_object"},
			"analyticstories":        {"analyticstories", "annotations.analytic_story", "analytic_story"},
			"source":                 {"source", "search_name"},
			"risk_message":           {"risk_message", "message"}},
		fields: names(`analyticstories annotations annotations._all annotations._frameworks annotations.analytic_story
			annotations.cis20 annotations.kill_chain_phases annotations.mitre_attack
			annotations.mitre_attack.mitre_description annotations.mitre_attack.mitre_tactic
			annotations.mitre_attack.mitre_tactic_id annotations.mitre_attack.mitre_technique
			annotations.mitre_attack.mitre_technique_id annotations.nist calculated_risk_score control creator dest
			description governance normalized_risk_object risk_event_id risk_factor_add risk_factor_mult risk_message
			risk_modifier_count risk_object risk_object_bunit risk_object_category risk_object_priority risk_object_type
			risk_score savedsearch_description search_name severity source src tag threat_object threat_object_type user`),
	},
}

// authentication is a dataset of logons that end in one way, or in any.
func authentication(name, action string) *Dataset {
	d := &Dataset{name: "Authentication." + name, prefix: "Authentication.", only: action,
		sources: security(4624, 4625, 4648, 4768, 4769, 4770, 4771, 4772, 4773, 4776, 4777),
		fields: names(`action app authentication_method authentication_service dest dest_bunit dest_category
			dest_nt_domain dest_priority duration reason response_time signature signature_id src src_bunit src_category
			src_nt_domain src_priority src_user src_user_bunit src_user_category src_user_id src_user_priority
			src_user_role src_user_type tag user user_agent user_bunit user_category user_id user_priority user_role
			user_type vendor_account vendor_product`)}
	if action != "" {
		d.child = name + "."
	}
	return d
}

// What Windows logs of changes: to accounts and groups, to auditing, to policies
// and services.
var (
	accountCodes = security(4720, 4722, 4723, 4724, 4725, 4726, 4727, 4728, 4729, 4730, 4731, 4732, 4733, 4734, 4735,
		4737, 4738, 4740, 4741, 4742, 4743, 4744, 4745, 4746, 4747, 4748, 4749, 4750, 4751, 4752, 4753, 4754, 4755, 4756,
		4757, 4758, 4759, 4760, 4761, 4762, 4763, 4764, 4765, 4766, 4767, 4780, 4781, 4794)
	auditCodes = append(security(1100, 1102, 4715, 4719, 4902, 4904, 4905, 4906, 4907, 4908, 4912),
		Source{"System", 104})
	otherCodes = append(security(4703, 4704, 4705, 4706, 4707, 4713, 4716, 4717, 4718, 4739),
		Source{"System", 7040}, Source{event.Sysmon, 19}, Source{event.Sysmon, 20}, Source{event.Sysmon, 21})
)

// changes is a dataset of some of them. The number that says what was done is
// the result's id, as the add-on has it.
func changes(name string, codes ...[]Source) *Dataset {
	d := &Dataset{name: "Change." + name, prefix: "All_Changes.",
		as: map[string][]string{"result_id": {"signature_id"}},
		fields: names(`action change_type command dest dest_bunit dest_category dest_nt_domain dest_priority dvc object
			object_attrs object_category object_id object_path result result_id src src_bunit src_category src_nt_domain
			src_priority src_user src_user_bunit src_user_category src_user_name src_user_priority src_user_type status
			tag user user_agent user_bunit user_category user_name user_priority user_type vendor_account vendor_product
			vendor_product_id vendor_region`)}
	for _, c := range codes {
		d.sources = append(d.sources, c...)
	}
	if name != "All_Changes" {
		d.child = name + "."
	}
	return d
}

func security(codes ...int64) (out []Source) {
	for _, c := range codes {
		out = append(out, Source{event.Security, c})
	}
	return out
}
