package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/store"
	"escutcheon/views/report"
)

// How much of a host's files a report lists; what is left out it counts.
const (
	mostLedgerReported = 50
	mostConfigReported = 50
	mostKeysReported   = 50
)

// reportedFiles are the module ledger of a host, without IIS's own, and what its own
// files say that no event does.
func (h *Handlers) reportedFiles(ctx context.Context, out *report.Host, asOf *int64) error {
	of := store.VerdictOf{Dest: out.Dest, AsOf: asOf}
	l, err := h.Ask.Modules.Ledger(ctx, of)
	if err != nil {
		return err
	}
	for _, m := range l.Modules {
		if m.Judged == ledger.Own {
			continue
		}
		if len(out.Ledger) == mostLedgerReported {
			out.MoreLedger++
			continue
		}
		out.Ledger = append(out.Ledger, report.LedgerRow{Name: m.Name, Image: m.Image, Type: string(m.Type),
			Present: string(m.Present), First: timeOf(m.First), Last: timeOf(m.Last), AddedBy: m.AddedBy,
			RemovedBy: m.RemovedBy, Judgement: m.Judged, Reason: m.Reason, Hosts: m.Hosts, SHA256: m.Hash})
	}
	for _, s := range fileSources {
		if _, ok := l.Files[s.of]; !ok {
			out.NotCollected = append(out.NotCollected, s.name)
		}
	}
	if len(l.Files) == 0 {
		return nil
	}
	conf, err := h.Ask.Artifacts.Configuration(ctx, of)
	if err == nil && conf.History != nil {
		reportedConfig(out, conf.History)
		reportedKeys(out, conf)
	}
	return err
}

// reportedConfig are the differences of versions that no event says, the newest first.
func reportedConfig(out *report.Host, history *onfile.History) {
	for _, v := range slices.Backward(history.Versions) {
		for i := range v.Differences {
			d := &v.Differences[i]
			if d.Said != nil {
				continue
			}
			if len(out.Config) == mostConfigReported {
				out.MoreConfig++
				continue
			}
			out.Config = append(out.Config, report.ConfigChange{At: timeOf(v.Modified), Text: d.Text(), Where: d.ConfigPath,
				Detail: setTo(d), Version: v.Name(), Line: d.IsLine, Why: d.Why})
		}
	}
}

// setTo is what a difference set.
func setTo(d *onfile.Difference) string {
	if len(d.Attributes) == 0 {
		if d.Was != "" && d.Is != "" {
			return fmt.Sprintf("%s, was %s", d.Is, d.Was)
		}
		return d.Is
	}
	var parts []string
	for _, a := range d.Attributes {
		parts = append(parts, a.Name+"="+a.Value)
	}
	return strings.Join(parts, " ")
}

// reportedKeys are the literal machine keys of the files of a host, each once where it
// stands: an old version that somebody read is as good as the one in force.
func reportedKeys(out *report.Host, conf store.Configuration) {
	seen := map[string]bool{}
	for i := range conf.Files {
		f := &conf.Files[i]
		if f.Config == nil {
			continue
		}
		for _, k := range f.Config.MachineKeys {
			one := report.MachineKey{Path: f.Path, Line: k.Line, Which: k.Which(), Scope: k.Location,
				Written: timeOf(f.Modified)}
			of := fmt.Sprint(strings.ToLower(f.Path), k.Line, one.Which, k.Location)
			if seen[of] {
				continue
			}
			if seen[of] = true; len(out.MachineKeys) == mostKeysReported {
				out.MoreKeys++
				continue
			}
			out.MachineKeys = append(out.MachineKeys, one)
		}
	}
}
