package triage

// Snippet is a text that a recommendation of a case can begin with.
type Snippet struct{ Name, Text string }

// Snippets are those built in, for servers on which somebody planted an IIS module.
func Snippets() []Snippet {
	return []Snippet{
		{"Isolate the server", "Take the server off the network, or let it reach only what the investigation " +
			"needs. Leave it running: a native module that was loaded from a deleted file is in memory alone."},
		{"Keep the memory", "Dump the memory of every `w3wp.exe`, or of the whole machine, before any of " +
			"them is recycled. Note the tool, its version, the time in UTC and the SHA-256 of the dump."},
		{"Keep the module's file", "Copy the module's image with its time stamps (`$MFT`, `$UsnJrnl`) and note its " +
			"SHA-256. Do not run it, do not upload it where its author could see that."},
		{"Remove the module", "Remove it from `globalModules` and from every `modules` section that names it, " +
			"delete the image once it is kept, and recycle the application pools. Then ask `appcmd list " +
			"modules` what is left."},
		{"Compare the configuration", "Compare `applicationHost.config` and every `web.config` with the copies in " +
			"`inetpub\\history` (CFGHISTORY_*) and with a server of the same role. An edit of the file itself " +
			"is logged nowhere."},
		{"Rotate the machine keys", "Make new `machineKey` values (validation and decryption) for every application, " +
			"on all servers of a farm at once: who read the old ones can sign `__VIEWSTATE` and run code " +
			"without any module."},
		{"Change what passed through", "Whatever was sent to this server since the module was there passed through it. " +
			"Change passwords and tokens of its users, of its application pools and of what its connection " +
			"strings name."},
		{"Switch HTTP logging on", "Switch W3C logging on again for every site (`httpLogging dontLog=\"False\"`), " +
			"and keep the logs that are there, with HTTPERR, in a safe place."},
		{"Log what happens to IIS", "Enable `Microsoft-IIS-Configuration/Operational` on all web servers and collect " +
			"it: it is off by default. Add process creation with command lines (Security 4688 or Sysmon 1)."},
		{"Look on the other servers", "Look for the same module name, the same image and the same SHA-256 on all other " +
			"web servers, and for the accounts and addresses that were used here."},
		{"Build it anew", "Do not clean: build the server anew from a known state, patched, before it " +
			"serves again. Find how they came in first, or they come in again."},
	}
}
