package db

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
)

// thresholds are the settings that are numbers, under the names they are stored
// by.
func thresholds(s *risk.Settings) map[string]*int {
	out := map[string]*int{"medium": &s.Medium, "high": &s.High, "critical": &s.Critical,
		"tactics": &s.Tactics, "rules": &s.Rules}
	for i, level := range detection.SigmaLevels {
		out["sigma_"+level] = &s.Sigma[i]
	}
	return out
}

// Settings reads the settings: those of Splunk ES where none are stored.
func (d *DB) Settings(ctx context.Context) (risk.Settings, error) { return settings(ctx, d.r) }

func settings(ctx context.Context, q queryer) (s risk.Settings, err error) {
	s = risk.Default()
	into := thresholds(&s)
	err = each(ctx, q, func(r *sql.Rows) error {
		var name, value string
		if err := r.Scan(&name, &value); err != nil {
			return err
		}
		if n, err := strconv.Atoi(value); err == nil && into[name] != nil {
			*into[name] = n
		}
		if name == "cap" {
			s.CapPerRule = value == "1"
		}
		return nil
	}, `SELECT name, value FROM setting`)
	return s, err
}

// settingValues are the settings as they are stored, by name.
func settingValues(s risk.Settings) map[string]string {
	values := map[string]string{"cap": "0"}
	if s.CapPerRule {
		values["cap"] = "1"
	}
	for name, n := range thresholds(&s) {
		values[name] = strconv.Itoa(*n)
	}
	return values
}

// set stores a setting, and tells of it where it was another one.
func (t *tx) set(name, was, value string) error {
	if _, err := t.exec(`INSERT INTO setting (name, value) VALUES (?1, ?2)
		ON CONFLICT DO UPDATE SET value = ?2`, name, value); err != nil {
		return err
	}
	return t.auditFields(auditRow{Action: "set", Object: "setting " + name}, fieldChange{"value", was, value})
}

// KeepSettings stores the settings. Those that are not valid are refused with a
// sentence.
func (d *DB) KeepSettings(ctx context.Context, s risk.Settings) error {
	if !s.Valid() {
		return fault.New(fault.Invalid, "The thresholds must be above 0 and rise from medium to critical, and scores be "+
			"between 0 and 100.")
	}
	if err := d.write(ctx, func(t *tx) error {
		was, err := settings(ctx, t)
		if err != nil {
			return err
		}
		before, values := settingValues(was), settingValues(s)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if err := t.set(name, before[name], values[name]); err != nil {
				return err
			}
		}
		if was.Sigma != s.Sigma { // rows of Sigma rules have other risk
			if _, err := t.exec(`UPDATE ruleset SET version = version + 1`); err != nil {
				return err
			}
		}
		return restale(t)
	}); err != nil {
		return err
	}
	d.seen.lately.forget()
	return d.RefreshRisk(ctx)
}
