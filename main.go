// Command escutcheon is a console for people who have Windows event logs and
// no SIEM at hand: it reads the logs into one SQLite file, runs detections on
// them and serves the findings, the risk of each host and the analysts' notes
// to a browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // Windows and bare containers know no zone names

	"escutcheon/fault"
	"escutcheon/store"
)

// The exit statuses.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3 // done, but some records were rejected
)

func init() {
	fault.Explains(func(err error) *fault.Error {
		if errors.Is(err, syscall.ENOSPC) {
			return &fault.Error{Code: fault.Full,
				Sentence: "The disk on which this is to be written is full. Free some space and try again."}
		}
		return nil
	})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what does not heed the first
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is one subcommand: run gets its arguments and returns the exit
// status.
type command struct {
	name, args, help string
	run              func(ctx context.Context, e *env, args []string) (int, error)
}

// env is what a subcommand has of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	events         string // see flags
}

func commands() []command {
	return []command{
		{"serve", "[--db FILE] [--events ADDRESS] [--rules DIR] [--sigma-values FILE] [--known FILE] " +
			"[--listen 127.0.0.1:8080] " +
			"[--allow-host NAME] [--tls-cert FILE] [--tls-key FILE] [--tls-self-signed] [--proxy CIDR] [--insecure] " +
			"[--auth off|local|oidc] [--oidc-issuer ADDRESS] [--oidc-client ID] [--oidc-secret-file FILE] " +
			"[--client-requests N] [--client-rate N] " +
			"[--max-upload SIZE] [--search-workers N] [--search-deadline TIME] [--search-memory SIZE] " +
			"[--feed-listen ADDR] [--feed-token-file FILE] [--syslog-listen ADDR] [--syslog-allow CIDR] " +
			"[--syslog-client-ca FILE] [--watch DIR] [--safe] " +
			"[--log-format text|json] [--verbose]",
			"serve the console to a browser", serve},
		{"ingest", "--events ADDRESS [--feed-listen ADDR] [--feed-token-file FILE] [--syslog-listen ADDR] " +
			"[--syslog-allow CIDR] [--syslog-client-ca FILE] [--watch DIR] [--tls-cert FILE] [--tls-key FILE] " +
			"[--tls-self-signed] [--allow-host NAME] [--proxy CIDR] [--client-requests N] [--insecure] " +
			"[--log-format text|json]",
			"take live events, and leave them in ClickHouse for a console that serves elsewhere", ingest},
		{"import",
			"[--db FILE] [--events ADDRESS] [--rules DIR] [--sigma-values FILE] [--known FILE] [--zone ZONE] " +
				"[--computer NAME] [--dates mdy|dmy] [--password WORD] [--password-file FILE] [--json] FILE…",
			"bring log files, archives and folders in; - is standard input", importFiles},
		{"findings", "[--db FILE] [--events ADDRESS] [--rule ID|all] [--dest HOST] [--status STATUS,…] " +
			"[--format table|csv|json]",
			"print the findings of a rule or of all",
			printFindings},
		{"search", "[--db FILE] [--events ADDRESS] [--earliest TIME] [--latest TIME] [--format table|csv|json] " +
			"[--deadline TIME] [--memory SIZE] 'SPL'",
			"search all events that were imported, in Splunk's language", runSearch},
		{"risk", "[--db FILE] [--events ADDRESS] [--rule ID] [--dest HOST] [--as-of TIME] [--format table|csv|json]",
			"print the risk of each host over 7 days", printRisk},
		{"modules", "[--db FILE] [--events ADDRESS] [--dest HOST] [--format table|csv|json]",
			"print the modules that the logs of each host speak of, and what is known of them", printModules},
		{"report", "[--db FILE] --dest HOST|--case ID [--as-of TIME] [--format html|md|json]",
			"print the report of a host or a case", printReport},
		{"case", "export [--db FILE] ID FILE.zip | import [--db FILE] [--author NAME] [--new] FILE.zip",
			"write a case as a file for another machine, or bring one from there", caseFile},
		{"notes", "[--db FILE] [--events ADDRESS] [--dest HOST] [--format csv|json] [--import FILE]",
			"print the analysts' notes, or take in those of a notes.csv", notes},
		{"rules", "check [--json] [--sigma-values FILE] PATH… | disable|enable|unfilter [--db FILE] [--author NAME] ID",
			"say which rules in files or folders run here, and why the others do not; mend a rule of a database", rules},
		{"originals", "[--db FILE] [--case ID] FILE.zip",
			"write the files that were kept as they were imported, with a manifest", exportOriginals},
		{"verify", "[--db FILE] [--key KEY] [--signature FILE] FILE",
			"say whether a report or a case file is as it was signed", verify},
		{"key", "new|show [--db FILE]", "make or show the key with which reports and case files are signed", keys},
		{"user", "add|passwd|role|disable|enable|list [--db FILE] [--role ROLE] [--password-file FILE] NAME",
			"let people in, where accounts are on", users},
		{"token", "add|list|revoke [--db FILE] --user NAME [--role ROLE] [--days N] WHAT|ID",
			"let programs in, where accounts are on", tokens},
		{"audit", "verify [--db FILE]", "say whether the audit trail is as it was written", auditTrail},
		{"check", "[--db FILE] [--events ADDRESS] [--json]", "say whether a database is whole: its structure, " +
			"events, findings, evidence, notes and audit trail", check},
		{"retention", "[--db FILE] [--events ADDRESS] [--dry-run] [--max-age AGE] [--max-size SIZE]",
			"remove the events that are too old or too much, but for those that findings or evidence rest on", retention},
		{"backup", "[--db FILE] [--force] OUT", "write a copy of a database, which may be in use, and check it", backup},
		{"restore", "[--db FILE] [--force] IN", "check a backup, and put it in the place of a database", restore},
		{"demo", "[DIR]", "write a set of logs to try it with", demoLogs},
		{"version", "", "print the version", printVersion},
	}
}

// run runs one subcommand and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		usage(stdout)
		return exitDone
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		code, err := c.run(store.WithActor(ctx, byCommand), e, args[1:])
		return report(stderr, c, code, err)
	}
	fmt.Fprintf(stderr, "escutcheon: there is no command %q\n\n", args[0])
	usage(stderr)
	return exitUsage
}

// byCommand is who runs a subcommand.
var byCommand = store.Actor{Person: store.CommandLine, Address: store.CommandLine}

// usageError is a wrong call: its sentence, then the command's form.
type usageError struct{ sentence string }

func (u usageError) Error() string { return u.sentence }

func report(stderr io.Writer, c command, code int, err error) int {
	var u usageError
	switch {
	case err == nil:
		return code
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.As(err, &u):
		fmt.Fprintf(stderr, "escutcheon %s: %s\nusage: escutcheon %s %s\n", c.name, u.sentence, c.name, c.args)
		return exitUsage
	}
	if f := fault.Find(err); f != nil {
		fmt.Fprintf(stderr, "escutcheon %s: %s\n", c.name, printable(f.Sentence))
	} else {
		fmt.Fprintf(stderr, "escutcheon %s: %v\n", c.name, err)
	}
	return exitFailed
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Escutcheon reads Windows event logs and shows what was done to IIS, host by host.\n\nusage:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  escutcheon %s %s\n      %s\n", c.name, c.args, c.help)
	}
	fmt.Fprint(w, "\nexit status: 0 done, 1 failed, 2 wrong usage, 3 done but some records were rejected or are missing\n")
}

// flags makes a subcommand's flag set with the flags that all share.
func flags(name string) (*flag.FlagSet, *string) {
	fs := flag.NewFlagSet("escutcheon "+name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	db := fs.String("db", "escutcheon.db", "the database `file`")
	fs.String("events", "", "the `address` of the events: sqlite (in the file), clickhouse://HOST:PORT/DB or, of a "+
		"cluster, clickhouse://HOST:PORT,HOST:PORT/DB?cluster=NAME; the database remembers it")
	fs.Usage = func() {} // parse says what is wrong, and help where it is asked for
	return fs, db
}

// parse parses flags, which may also stand behind arguments, and returns the
// arguments, at most max of them (-1: any number).
func parse(e *env, fs *flag.FlagSet, args []string, max int) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				fs.SetOutput(e.stdout)
				fmt.Fprintf(e.stdout, "usage: %s [flags]\n", fs.Name())
				fs.PrintDefaults()
				return nil, err
			}
			return nil, usageError{err.Error()}
		}
		if n := len(args) - fs.NArg(); n > 0 && args[n-1] == "--" { // all that follows are arguments
			rest = append(rest, fs.Args()...)
			break
		}
		if fs.NArg() == 0 {
			break
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
	if f := fs.Lookup("events"); f != nil {
		e.events = f.Value.String()
	}
	if max >= 0 && len(rest) > max {
		return nil, usageError{fmt.Sprintf("unexpected argument %q", rest[max])}
	}
	return rest, nil
}
