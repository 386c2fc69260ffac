package sniff_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

const (
	iisText = "12/10/2025 05:49:%02d.117 AM\r\nLogName=Microsoft-IIS-Configuration/Operational\r\nEventCode=29\r\nEventType=5\r\nComputerName=web01.corp.example\r\nUser=NOT_TRANSLATED\r\nSid=S-1-5-21-1-2-3-500\r\nSidType=0\r\nSourceName=Microsoft-Windows-IIS-Configuration\r\nType=Verbose\r\nRecordNumber=%d\r\nKeywords=None\r\nTaskCategory=None\r\nOpCode=Info\r\nMessage=Changes to '/system.webServer/globalModules/add[@name=\"X\"]/@image' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.\r\n"
	iisXML  = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-IIS-Configuration" Guid="{dc0b8e51-4863-407a-bc3c-1b479b2978ac}"/><EventID>29</EventID><Version>0</Version><Level>5</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x4000000000000000</Keywords><TimeCreated SystemTime="2025-12-10T15:02:%02d.564000000Z"/><EventRecordID>%d</EventRecordID><Correlation/><Execution ProcessID="3140" ThreadID="16"/><Channel>Microsoft-IIS-Configuration/Operational</Channel><Computer>web01.corp.example</Computer><Security UserID="S-1-5-21-1-2-3-1105"/></System><EventData><Data Name="PhysicalPath">\\?\C:\Windows\system32\inetsrv\config\applicationHost.config</Data><Data Name="ConfigPath">MACHINE/WEBROOT/APPHOST</Data><Data Name="EffectiveLocationPath"></Data><Data Name="Configuration">/system.webServer/globalModules/add[@name="X"]/@image</Data><Data Name="EditOperationType">3</Data><Data Name="OldValue">false</Data><Data Name="NewValue">true</Data></EventData></Event>` + "\n"
	iisNX   = `{"EventTime": "2025-12-06 19:43:%02d", "RecordNumber": %d, "Hostname": "web01.corp.example", "Keywords": 4611686018427387904, "EventType": "VERBOSE", "SeverityValue": 1, "Severity": "DEBUG", "EventID": 29, "SourceName": "Microsoft-Windows-IIS-Configuration", "ProviderGuid": "{DC0B8E51-4863-407A-BC3C-1B479B2978AC}", "Version": 0, "Task": 0, "OpcodeValue": 0, "ProcessID": 3140, "ThreadID": 16, "Channel": "Microsoft-IIS-Configuration/Operational", "UserID": "S-1-5-21-1-2-3-500", "Opcode": "Info", "Message": "Changes to '/system.webServer/globalModules/add[@name=\"X\"]/@image' at 'MACHINE/WEBROOT/APPHOST/Default Web Site' have successfully been committed.", "PhysicalPath": "\\\\?\\C:\\Windows\\system32\\inetsrv\\config\\applicationHost.config", "ConfigPath": "MACHINE/WEBROOT/APPHOST/Default Web Site", "Configuration": "/system.webServer/globalModules/add[@name=\"X\"]/@image", "EditOperationType": "3", "EventReceivedTime": "2025-12-06 19:43:30", "SourceModuleName": "in", "SourceModuleType": "im_msvistalog"}` + "\n"
	iisWL   = `{"@timestamp": "2025-12-12T22:45:%02d.073Z", "winlog": {"record_id": %d, "channel": "Microsoft-IIS-Configuration/Operational", "computer_name": "web01.corp.example", "event_id": "29", "opcode": "Info", "provider_name": "Microsoft-Windows-IIS-Configuration", "provider_guid": "{dc0b8e51-4863-407a-bc3c-1b479b2978ac}", "process": {"pid": 3140, "thread": {"id": 16}}, "user": {"identifier": "S-1-5-21-1-2-3-1001"}, "event_data": {"PhysicalPath": "\\\\?\\C:\\Windows\\system32\\inetsrv\\config\\applicationHost.config", "ConfigPath": "MACHINE/WEBROOT/APPHOST", "Configuration": "/system.webServer/modules/add[@name=\"X\"]", "EditOperationType": "1", "OldValue": ""}}, "event": {"code": "29", "kind": "event", "provider": "Microsoft-Windows-IIS-Configuration"}, "host": {"name": "web01.corp.example"}, "log": {"level": "verbose"}, "message": "Changes to '/system.webServer/modules/add[@name=\"X\"]' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed."}` + "\n"
)

// BenchmarkDecode decodes IIS configuration events of each format.
func BenchmarkDecode(b *testing.B) {
	for _, f := range []struct{ name, form string }{{"text", iisText}, {"xml", iisXML}, {"xml-utf16", iisXML},
		{"nxlog", iisNX}, {"winlogbeat", iisWL}} {
		b.Run(f.name, func(b *testing.B) {
			var s strings.Builder
			const n = 20000
			for i := range n {
				fmt.Fprintf(&s, f.form, i%60, i)
			}
			in := []byte(s.String())
			if f.name == "xml-utf16" {
				in = utf16(s.String(), record.UTF16LE, true)
			}
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				rd, _, err := sniff.Open(bytes.NewReader(in), record.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if got, rejected := drain(b, rd); got != n || rejected != 0 {
					b.Fatalf("%d events, %d rejected", got, rejected)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkDecodeText decodes IIS configuration events of the formats that
// logwriter writes.
func BenchmarkDecodeText(b *testing.B) {
	for i, w := range writers {
		name := w.format
		if i == len(writers)-1 {
			name += "-xml"
		}
		b.Run(name, func(b *testing.B) {
			const n = 10000
			all := make([]logwriter.Record, n)
			for i := range all {
				all[i] = changes()[1]
				all[i].RecordNumber = int64(i)
			}
			in := []byte(w.log(all))
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				rd, _, err := sniff.Open(bytes.NewReader(in), record.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if got, rejected := drain(b, rd); got != n || rejected != 0 {
					b.Fatalf("%d events, %d rejected", got, rejected)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "events/s")
		})
	}
}
