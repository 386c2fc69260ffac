package logwriter

// AppendAzure appends r as one row of Azure's WADWindowsEventLogs as a
// diagnostics export has it, without a line end: the event is in RawXml.
func AppendAzure(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("time", r.Time.UTC().Format("2006-01-02T15:04:05.0000000Z"))
	o.text("category", "WindowsEventLogsTable")
	o.nest("properties")
	o.text("DeploymentId", "d0c1")
	o.text("RoleInstance", "_role")
	o.text("ProviderName", r.Provider)
	o.number("EventId", int64(r.EventCode))
	o.text("Channel", r.Channel)
	o.text("Description", r.Message)
	o.text("RawXml", string(AppendXML(nil, r, false)))
	o.close()
	o.close()
	return o.dst
}

// AppendLogAnalytics appends r as one row of the Event table of Log Analytics,
// without a line end: record number and opcode are left out.
func AppendLogAnalytics(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("TimeGenerated", r.Time.UTC().Format("2006-01-02T15:04:05.0000000Z"))
	o.text("Source", r.Provider)
	o.text("EventLog", r.Channel)
	o.text("Computer", r.Computer)
	o.number("EventLevel", int64(r.Level))
	o.text("EventLevelName", r.typeText())
	o.number("EventID", int64(r.EventCode))
	o.text("RenderedDescription", r.Message)
	data := append([]byte(nil), `<DataItem type="System.XmlData" time="x" sourceHealthServiceId="y">`...)
	o.text("EventData", string(append(xmlData(data, r), `</DataItem>`...)))
	o.text("UserName", r.User)
	o.text("Type", "Event")
	o.close()
	return o.dst
}
