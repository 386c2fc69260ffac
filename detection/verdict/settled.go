package verdict

// Settled says that what the sentence tells of is closed or suppressed: it stays,
// and does not rank the host.
func (v *Verdict) Settled() bool {
	if len(v.Modules) > 0 {
		return v.Modules[0].Closed
	}
	return len(v.Off)+len(v.ETW)+len(v.Maybe) > 0 && !v.loggingOpen()
}
