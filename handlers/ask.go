package handlers

import "escutcheon/export"

// Ask is whom the pages ask, each group of pages its own questions; the files
// of the pages state them.
type Ask struct {
	Frame      FrameStore
	Hosts      HostStore
	Risk       RiskStore
	Replay     ReplayStore
	Findings   FindingStore
	Events     EventStore
	Rules      RuleStore
	Notes      NoteStore
	NoteImport NoteImportStore
	Imports    ImportStore
	Deletion   DeletionStore
	Rejected   RejectedStore
	Settings   SettingsStore
	Templates  TemplateStore
	Users      UserStore
	UserFacets UserFacetStore // nil: the list has none
	Verdicts   VerdictStore
	Modules    ModuleStore
	Artifacts  ArtifactStore
	Blind      BlindStore
	Triage     TriageStore
	Timeline   TimelineStore
	Search     SearchStore
	Views      ViewStore        // nil: lists have none
	Saved      SavedSearchStore // nil: no search is kept
	Jobs       SearchJobStore   // nil: none is recorded
	Cases      CaseStore        // nil: there are none
	Pins       PinStore
	Audit      AuditStore    // nil: nothing is told of
	Logo       LogoStore     // nil: reports have none
	Originals  OriginalStore // nil: no file is kept
	Meters     MeterStore
	Feeds      FeedStore
	Retention  RetentionStore
	Export     export.Store
}

// Store answers all questions: a database does.
type Store interface {
	FrameStore
	HostStore
	RiskStore
	ReplayStore
	FindingStore
	EventStore
	RuleStore
	NoteStore
	NoteImportStore
	ImportStore
	DeletionStore
	RejectedStore
	SettingsStore
	TemplateStore
	UserStore
	UserFacetStore
	VerdictStore
	ModuleStore
	ArtifactStore
	BlindStore
	TriageStore
	TimelineStore
	SearchStore
	ViewStore
	SavedSearchStore
	SearchJobStore
	CaseStore
	PinStore
	AuditStore
	LogoStore
	OriginalStore
	MeterStore
	FeedStore
	RetentionStore
	export.Store
}

// AskAll asks one store everything.
func AskAll(s Store) Ask {
	return Ask{Frame: s, Hosts: s, Risk: s, Replay: s, Findings: s, Events: s, Rules: s, Notes: s, NoteImport: s,
		Imports: s, Deletion: s, Rejected: s, Settings: s, Templates: s, Users: s, UserFacets: s, Verdicts: s, Modules: s,
		Artifacts: s, Blind: s, Triage: s, Timeline: s, Search: s, Views: s, Saved: s, Jobs: s, Cases: s, Pins: s, Audit: s,
		Logo:      s,
		Originals: s, Meters: s, Feeds: s, Retention: s, Export: s}
}
