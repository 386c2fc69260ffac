package detection

import (
	"strings"

	"escutcheon/detection/spl"
)

// BuiltInMacros is the table that every search starts from: the macros that the
// public detections take for granted. A caller's table goes over it.
func BuiltInMacros() spl.Macros {
	out := spl.Macros{
		"drop_dm_object_name(1)": {Definition: `rename $object$.* as *`, Args: []string{"object"}},
		"security_content_ctime(1)": {Definition: `convert timeformat="%Y-%m-%dT%H:%M:%S" ctime($field$)`,
			Args: []string{"field"}},
		"comment(1)": {Definition: "", Args: []string{"text"}},

		"security_content_summariesonly": {
			Definition: "summariesonly=`summariesonly_config` allow_old_summaries=`oldsummaries_config` " +
				"fillnull_value=`fillnull_config`"},
		"summariesonly":        {Definition: "summariesonly=`summariesonly_config`"},
		"summariesonly_config": {Definition: "false"},
		"oldsummaries_config":  {Definition: "true"},
		"fillnull_config":      {Definition: "null"},

		"iis_operational_logs":    {Definition: `sourcetype="IIS:Configuration:Operational"`},
		"iis_get_webglobalmodule": {Definition: `sourcetype="Pwsh:InstalledIISModules"`},
		"wineventlog_security": {
			Definition: `eventtype=wineventlog_security OR Channel=Security OR source="XmlWinEventLog:Security"`},
		"wineventlog_system": {
			Definition: `eventtype=wineventlog_system OR Channel=System OR source="XmlWinEventLog:System"`},
		"wineventlog_application": {
			Definition: `eventtype=wineventlog_application OR Channel=Application OR source="XmlWinEventLog:Application"`},
	}
	for name, channels := range channelMacros {
		var terms []string
		for channel := range strings.SplitSeq(channels, "|") {
			terms = append(terms, `source="XmlWinEventLog:`+channel+`"`, `source="WinEventLog:`+channel+`"`)
		}
		out[name] = spl.Macro{Definition: "(" + strings.Join(terms, " OR ") + ")"}
	}
	for name, files := range processMacros {
		exe, original, _ := strings.Cut(files, "|")
		var terms []string
		for f := range strings.FieldsSeq(exe) {
			terms = append(terms, "Processes.process_name="+f)
		}
		for f := range strings.FieldsSeq(original) {
			terms = append(terms, "Processes.original_file_name="+f)
		}
		out["process_"+name] = spl.Macro{Definition: "(" + strings.Join(terms, " OR ") + ")"}
	}
	return out
}

// channelMacros name the data of one or more channels.
var channelMacros = map[string]string{
	"sysmon":     "Microsoft-Windows-Sysmon/Operational",
	"powershell": "Microsoft-Windows-PowerShell/Operational",
	"applocker": "Microsoft-Windows-AppLocker/EXE and DLL|Microsoft-Windows-AppLocker/MSI and " +
		"Script|Microsoft-Windows-AppLocker/Packaged app-Deployment|Microsoft-Windows-AppLocker/Packaged app-Execution",
	"capi2_operational":             "Microsoft-Windows-CAPI2/Operational",
	"certificateservices_lifecycle": "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
	"ms_defender":                   "Microsoft-Windows-Windows Defender/Operational",
	"msexchange_management":         "MSExchange Management",
	"ntlm_audit":                    "Microsoft-Windows-NTLM/Operational",
	"printservice":                  "Microsoft-Windows-PrintService/Admin|Microsoft-Windows-PrintService/Operational",
	"remoteconnectionmanager":       "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
	"wineventlog_rdp":               "Microsoft-Windows-TerminalServices-RDPClient/Operational",
	"wineventlog_task_scheduler":    "Microsoft-Windows-TaskScheduler/Operational",
	"wmi":                           "Microsoft-Windows-WMI-Activity/Operational",
}

// processMacros name programs: the names of their files, then the original
// names that their version resources hold.
var processMacros = map[string]string{
	"powershell":                "powershell.exe pwsh.exe powershell_ise.exe|PowerShell.EXE pwsh.dll powershell_ise.EXE",
	"cmd":                       "cmd.exe|Cmd.Exe",
	"rundll32":                  "rundll32.exe|RUNDLL32.EXE",
	"regsvr32":                  "regsvr32.exe|REGSVR32.EXE",
	"regsvcs":                   "regsvcs.exe|RegSvcs.exe",
	"regasm":                    "regasm.exe|RegAsm.exe",
	"reg":                       "reg.exe|reg.exe",
	"certutil":                  "certutil.exe|CertUtil.exe",
	"certreq":                   "certreq.exe|CertReq.exe",
	"bitsadmin":                 "bitsadmin.exe|bitsadmin.exe",
	"curl":                      "curl.exe|curl.exe",
	"copy":                      "copy.exe xcopy.exe|copy.exe xcopy.exe",
	"csc":                       "csc.exe|csc.exe",
	"cscript":                   "cscript.exe|cscript.exe",
	"wscript":                   "wscript.exe|wscript.exe",
	"diskshadow":                "diskshadow.exe|diskshadow.exe",
	"dllhost":                   "dllhost.exe|dllhost.exe",
	"dsquery":                   "dsquery.exe|dsquery.exe",
	"dxdiag":                    "dxdiag.exe|dxdiag.exe",
	"eqnedt32":                  "eqnedt32.exe|EQNEDT32.EXE",
	"esentutl":                  "esentutl.exe|esentutl.exe",
	"eventvwr":                  "eventvwr.exe|eventvwr.exe",
	"fodhelper":                 "fodhelper.exe|FodHelper.EXE",
	"gpupdate":                  "gpupdate.exe|GPUpdate.exe",
	"hh":                        "hh.exe|HH.exe",
	"installutil":               "installutil.exe|InstallUtil.exe",
	"microsoftworkflowcompiler": "microsoft.workflow.compiler.exe|Microsoft.Workflow.Compiler.exe",
	"msbuild":                   "msbuild.exe|MSBuild.exe",
	"mshta":                     "mshta.exe|MSHTA.EXE",
	"msiexec":                   "msiexec.exe|msiexec.exe",
	"net":                       "net.exe net1.exe|net.exe net1.exe",
	"netsh":                     "netsh.exe|netsh.exe",
	"nltest":                    "nltest.exe|nltestrk.exe",
	"ntdsutil":                  "ntdsutil.exe|ntdsutil.exe",
	"ping":                      "ping.exe|ping.exe",
	"procdump":                  "procdump.exe procdump64.exe|procdump",
	"psexec":                    "psexec.exe psexec64.exe|psexec.c",
	"rclone":                    "rclone.exe|rclone.exe",
	"route":                     "route.exe|route.exe",
	"runas":                     "runas.exe|runas.exe",
	"sc":                        "sc.exe|sc.exe",
	"schtasks":                  "schtasks.exe|schtasks.exe",
	"sdelete":                   "sdelete.exe sdelete64.exe|sdelete.exe",
	"setspn":                    "setspn.exe|setspn.exe",
	"verclsid":                  "verclsid.exe|verclsid.exe",
	"vssadmin":                  "vssadmin.exe|VSSADMIN.EXE",
	"wbadmin":                   "wbadmin.exe|WBADMIN.EXE",
	"wermgr":                    "wermgr.exe|WerMgr",
	"wmic":                      "wmic.exe|wmic.exe",
	"xwizard":                   "xwizard.exe|xwizard.exe",
}
