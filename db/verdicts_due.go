package db

import "database/sql"

// dueVerdicts are the dests whose verdict is to be made again, which triggers note:
// a finding or a change of theirs came, changed or went.
const dueVerdicts = `SELECT dest FROM host_change INDEXED BY host_change_due WHERE rule_id = ''
	AND until < 9223372036854775807 AND until <= -9223372036854775808`

// verdicts makes at most so many of them again, and says how many there were.
func (s *settler) verdicts(most int) (int, error) {
	var dests []string
	err := s.each(func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		dests = append(dests, dest)
		return err
	}, dueVerdicts+` LIMIT ?`, most)
	for _, dest := range dests {
		if err == nil {
			err = s.verdict(dest)
		}
		if err == nil {
			err = s.do([]any{dest}, `DELETE FROM host_change WHERE dest = ?`)
		}
		if err == nil { // triggers mark the row of a dest that goes on
			_, err = s.exec(`INSERT INTO host_change (dest, rule_id, as_of, until, words)
				SELECT ?1, '', 0, 9223372036854775807, '' WHERE EXISTS (SELECT 1 FROM finding WHERE dest = ?1)
					OR EXISTS (SELECT 1 FROM host_verdict WHERE dest = ?1)`, dest)
		}
	}
	return len(dests), err
}
