package report

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"

	"github.com/a-h/templ"
)

// ours is HTML of our own: the style, and pictures whose texts package picture
// escaped.
func ours(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// style is all that a report looks like: it stands alone.
const style = `
:root { color-scheme: light dark; --ink: #1a1e22; --dim: #565f68; --line: #c6cbd0; --ground: #fff; --mark: #8d1246; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --dim: #a6aeb6; --line: #3c434a; --ground: #14171a; --mark: #ee6fa4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 1000px; background: var(--ground); color: var(--ink);
  font: 14px/1.45 system-ui, "Segoe UI", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; margin: 16px 0 4px; } h2 { font-size: 17px; margin: 28px 0 8px; border-bottom: 1px solid var(--line); }
h3 { font-size: 14px; margin: 16px 0 4px; } p { margin: 4px 0 8px; }
h1, h2, h3, p, li, dd, td .log, td code { overflow-wrap: anywhere; } td { overflow-wrap: break-word; }
h1 .log, h2 .log { font-size: inherit; } h2 .log, h1 .log { font-weight: 600; }
.sheet { width: 100%; border-collapse: collapse; } .sheet > * > tr > td { padding: 0; }
.running { color: var(--dim); font-size: 12px; margin: 0 0 8px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
.logo { max-height: 56px; max-width: 240px; display: block; margin-bottom: 8px; }
.dim { color: var(--dim); } .mono, code, .log { font-family: ui-monospace, "Cascadia Mono", "Liberation Mono", monospace; font-size: 12px; }
.verdict { border-left: 4px solid var(--line); padding: 4px 0 4px 12px; font-size: 17px; margin: 8px 0 12px; }
.critical, .high { border-color: var(--mark); }
table.grid { width: 100%; border-collapse: collapse; margin: 4px 0 12px; font-size: 12px; }
.grid th { text-align: left; color: var(--dim); font-weight: 600; white-space: nowrap; } .grid .host-of { min-width: 152px; } .grid .module-of { min-width: 160px; } .grid .rule-of { min-width: 104px; } .grid .where { min-width: 132px; } .grid .who { min-width: 84px; } .grid .what { min-width: 180px; } .grid th, .grid td { padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.grid .r { text-align: right; } .nowrap { white-space: nowrap; } .grid code { font-size: 11px; }
dl { margin: 4px 0 12px; display: grid; grid-template-columns: minmax(110px, max-content) 1fr; gap: 2px 16px; } dt { color: var(--dim); } dd { margin: 0; }
svg, .drawn { display: block; width: 100%; height: auto; border: 1px solid var(--line); background: #fff; margin: 8px 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: none; border: 1px solid var(--line); padding: 8px; font-size: 12px; }
blockquote { margin: 4px 0 8px; padding-left: 12px; border-left: 2px solid var(--line); } .prose table { border-collapse: collapse; } .prose td, .prose th { border: 1px solid var(--line); padding: 2px 8px; }
ul, ol { margin: 4px 0 8px; padding-left: 24px; } .note { border-top: 1px solid var(--line); padding-top: 4px; margin-top: 8px; }
.tag { white-space: nowrap; border: 1px solid var(--line); padding: 0 4px; font-size: 11px; } .bad { color: var(--mark); font-weight: 600; }
a { color: inherit; }
@media screen and (max-width: 760px) { .sheet { table-layout: fixed; } table.grid { display: block; overflow-x: auto; }
  .grid td { min-width: 120px; } .grid td:has(.tag) { min-width: 240px; }
  dl { grid-template-columns: minmax(0, 1fr); } dd { margin-left: 12px; min-width: 0; } }
@page { size: A4; margin: 14mm 14mm 16mm; @bottom-right { content: counter(page) " of " counter(pages); font: 8pt sans-serif; color: #444; } }
@media print {
  :root { --ink: #000; --dim: #444; --line: #bbb; --ground: #fff; --mark: #8d1246; color-scheme: light; }
  body { padding: 0; max-width: none; font-size: 10.5pt; } h1 { margin-top: 4px; }
  .sheet > thead { display: table-header-group; } .grid thead { display: table-header-group; }
  h2, h3, h2 + p { break-after: avoid; } tr, li, .note, svg, .verdict, dl, .whole { break-inside: avoid; } .sheet > tbody > tr { break-inside: auto; }
}
`

// Policy is the Content-Security-Policy under which a report does all that it does,
// and nothing that somebody may have written into it.
func Policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'none'; base-uri 'none'"
}
