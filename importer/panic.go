package importer

import (
	"log/slog"

	"escutcheon/fault"
	"escutcheon/intake"
)

// guarded is what f returns; a panic of it is an error.
func guarded(f func() error) (err error) {
	defer fault.Catch(&err)
	return f()
}

// LogPanics has a log say where in the program a panic was that ended an import; the
// import says where in its file. It is called before anything runs.
func (im *Importer) LogPanics(log *slog.Logger) { im.panics = log }

// tellPanic tells of the panic that ended an import, if one did.
func (im *Importer) tellPanic(imp *intake.Import, err error) {
	if p := fault.PanicOf(err); p != nil && im.panics != nil {
		im.panics.Error("import", "id", imp.ID, "name", imp.Name, "err", p, "stack", p.Stack)
	}
}

func panicSentence(p *fault.Panic) string {
	at := ""
	if p.At != "" {
		at = " at " + p.At
	}
	return "a fault of Escutcheon's own" + at + ". The log has the details. What was stored before stays; " +
		"other files are not touched."
}
