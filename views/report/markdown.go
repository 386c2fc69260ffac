package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"escutcheon/views"
)

// Markdown writes the report as Markdown. What a log or a person wrote cannot become
// markup of the report: of a log it stands between backticks, of a person it is
// quoted.
func (r *Report) Markdown(to io.Writer) error {
	m := mdWriter{bufio.NewWriter(to)}
	m.line("# %s", plain(r.of()))
	m.line("")
	m.line("%s; all times in %s; made %s by Escutcheon %s.", r.span(), r.Zone, stamp(r.Made), r.Version)
	if r.Case != nil {
		m.caseParts(r)
	}
	for _, h := range r.Hosts {
		m.host(h)
	}
	m.evidence(r)
	if len(r.Attached) > 0 {
		m.head(2, "Attached files")
		m.table("File", "SHA-256", "Bytes", "What it is", "Attached")
		for _, f := range r.Attached {
			m.row(code(f.Name), code(f.SHA256), strconv.FormatInt(f.Size, 10), plain(f.Why), stamp(f.At)+" by "+plain(f.Author))
		}
	}
	return m.Flush()
}

type mdWriter struct{ *bufio.Writer }

func (m mdWriter) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m mdWriter) head(level int, text string) {
	m.line("\n%s %s\n", strings.Repeat("#", level), text)
}

func (m mdWriter) table(columns ...string) {
	m.row(columns...)
	m.row(strings.Split(strings.Repeat("---|", len(columns)-1)+"---", "|")...)
}

func (m mdWriter) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

// quoted is what a person wrote, in Markdown of theirs.
func (m mdWriter) quoted(text string) {
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		m.line("> %s", views.Visible(strings.TrimRight(l, "\r")))
	}
	m.line("")
}

// code is a text of a log: as it stands, but what would not be seen is, and nothing
// of it ends the code or the cell.
func code(text string) string {
	text = strings.ReplaceAll(views.Visible(strings.Join(strings.Fields(text), " ")), "|", "¦")
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// plain is a text within a line that is no markup.
func plain(text string) string {
	text = views.Visible(strings.Join(strings.Fields(text), " "))
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `&lt;`, ">", `&gt;`,
		"|", "¦", "#", `\#`, "&", "&amp;", "!", `\!`, "://", `:&#47;/`, "~", `\~`).Replace(text)
}

func (m mdWriter) fact(name, value string) {
	if value != "" {
		m.line("- %s: %s", name, value)
	}
}

func (m mdWriter) caseParts(r *Report) {
	c := r.Case
	m.line("")
	m.fact("Status", c.Status)
	m.fact("Disposition", c.Disposition)
	m.fact("Severity", or(c.Severity, "not said"))
	m.fact("Owner", plain(or(c.Owner, "nobody")))
	m.fact("Opened", stamp(c.Created)+" by "+plain(c.Author))
	m.fact("Last changed", stamp(c.Edited)+" by "+plain(c.Editor))
	m.head(2, "Verdict")
	if c.Verdict == "" {
		m.line("None is written yet.")
	} else {
		m.quoted(c.Verdict)
	}
	m.head(2, "Questions and answers")
	for _, q := range r.Questions {
		m.head(3, plain(q.Question))
		if q.Answer == "" {
			m.line("Open.")
			continue
		}
		m.quoted(q.Answer)
		for _, by := range q.Carried {
			m.line("- %s", plain(by))
		}
	}
	m.head(2, "Recommendations")
	for _, x := range r.Recommendations {
		mark, words := " ", "To be done"
		if x.Done {
			mark, words = "x", "Done"
		}
		m.line("- [%s] %s:\n", mark, words)
		m.quoted(x.Text)
	}
	m.head(2, "Timeline")
	m.table("Time", "Host", "What", "", "By", "Where")
	for _, x := range r.Moments {
		where := plain(x.Where)
		if x.Evidence != 0 {
			where += " evidence " + strconv.FormatInt(x.Evidence, 10)
		}
		m.row(stamp(x.At), code(x.Dest), plain(x.Kind), code(x.Text), code(x.By), where)
	}
}

func (m mdWriter) host(h Host) {
	m.head(2, "Host "+code(or(h.Spelling, h.Dest)))
	m.line("**%s**\n", plain(h.Verdict))
	if h.Why != "" {
		m.line("%s\n", plain(h.Why))
	}
	if h.Told != "" {
		m.line("%s\n", plain(h.Told))
	} else if h.Gone {
		m.line("No log of this host is in this database: what stands here is what the case kept of it.")
		return
	}
	m.fact("As of", stamp(h.AsOf)+" ("+plain(h.AsOfKind)+")")
	m.fact("Score of 7 days", strconv.FormatInt(h.Score, 10))
	for _, i := range h.Incidents {
		m.fact("Incident", plain(i.Severity)+": "+plain(i.Words))
	}
	m.fact("Status", plain(h.Status)+", "+plain(h.Judged)+", owner "+plain(or(h.Owner, "nobody")))
	if len(h.Chain) > 0 {
		m.head(3, "What led to it")
		m.table("Time", "What", "By", "Where")
	}
	for _, l := range h.Chain {
		where := plain(l.Where)
		if s := views.SeenBy(l.Rules); s != "" {
			where += "; " + plain(s)
		}
		m.row(stampOf(l.At), code(l.Text), code(l.By), where)
	}
	if len(h.Modules) > 0 {
		m.head(3, "Modules")
		m.table("Time", "Module", "What is known", "Image", "By", "Hosts")
	}
	for _, x := range h.Modules {
		m.row(stampOf(x.At), code(x.Name),
			strings.TrimSuffix(plain(x.Action)+", "+plain(x.Judgement)+"; "+plain(x.Marked), "; "),
			strings.TrimSpace(code(x.Image)+" "+code(x.Hash)), code(x.By), fmt.Sprintf("%d of %d", x.Hosts, x.HostsOf))
	}
	if h.MoreModules > 0 {
		m.line("\n%s not listed here.", plural(h.MoreModules, "module is", "modules are"))
	}
	m.ledger(h)
	m.head(3, "Findings")
	m.table("First", "Last", "Events", "What", "Rule", "Status")
	for _, f := range h.Findings {
		status := plain(f.Status)
		if f.Suppressed {
			status += ", suppressed"
		}
		m.row(stamp(f.First), stamp(f.Last), strconv.FormatInt(f.Count, 10), code(f.What), plain(f.Rule), status)
	}
	if h.More > 0 {
		m.line("\n%s not listed here: findings.csv has all.", plural(h.More, "finding is", "findings are"))
	}
	m.head(3, "Notes")
	for _, n := range h.Notes {
		of := ""
		if n.Of != "" {
			of = ", on " + plain(n.Of)
		}
		m.line("%s, %s%s:\n", plain(n.Author), stamp(n.Created), of)
		m.quoted(n.Text)
	}
	m.seen(h)
}

func (m mdWriter) seen(h Host) {
	m.head(3, "What was seen")
	m.table("Log", "Events", "From", "To", "Gaps of a day or more")
	for _, c := range h.Coverage {
		m.row(code(or(c.Channel, "no channel named")), strconv.FormatInt(c.Events, 10), stampOf(c.From), stampOf(c.To),
			strconv.Itoa(c.Gaps))
	}
	m.head(3, "What was not seen")
	for _, s := range h.NotSeen {
		m.line("- %s", plain(s))
	}
	m.head(3, "The files it came from")
	m.table("File", "SHA-256", "Bytes", "New events", "Imported")
	for _, f := range h.Files {
		m.row(code(f.Name), code(f.SHA256), strconv.FormatInt(f.Size, 10), strconv.FormatInt(f.Events, 10), stamp(f.At))
	}
	if h.MoreFiles > 0 {
		m.line("\n%s not listed here.", plural(h.MoreFiles, "older file is", "older files are"))
	}
}

func (m mdWriter) evidence(r *Report) {
	if len(r.Evidence) == 0 {
		return
	}
	m.head(2, "Evidence")
	if v := r.Verified; v != nil && v.Whole {
		m.line("Verified as this report was made: every hash is the one that was noted.")
	} else if v != nil {
		m.line("Not as it was when it was pinned:\n")
		for _, d := range v.Differences {
			m.line("- %s", plain(d))
		}
	}
	for _, e := range r.Evidence {
		m.head(3, e.heading())
		m.line("%s\n", code(e.Title))
		m.fact("Why", plain(e.Why))
		m.fact("Host", code(e.Dest))
		m.fact("Time", stamp(e.At))
		where := plain(e.Where)
		if e.Code != nil {
			where += ", event " + strconv.FormatInt(*e.Code, 10)
		}
		if e.Record != nil {
			where += ", record " + strconv.FormatInt(*e.Record, 10)
		}
		m.fact("Where", where)
		for _, s := range e.Said {
			m.fact(plain(s.Name), code(s.Value))
		}
		for _, c := range e.Copies {
			in := ""
			if c.Archive != "" {
				in = ", of the archive " + code(c.Archive)
			}
			if e.Kind == "file" {
				m.fact("Stood in", fmt.Sprintf("%s, file %s%s, text with secrets masked %s", code(c.File), code(c.FileSHA256), in,
					code(c.SHA256)))
				continue
			}
			m.fact("Stood in", fmt.Sprintf("%s at byte %d, file %s%s, record %s", code(c.File), c.Offset, code(c.FileSHA256), in,
				code(c.SHA256)))
		}
		m.fact("Seal", code(e.Seal)+", pinned "+stamp(e.Pinned)+" by "+plain(e.Author))
	}
}
