package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"escutcheon/fault"
)

// readPassword reads a password: from a file's first line, or asked for at a terminal.
func readPassword(ctx context.Context, e *env, file string) (string, error) {
	if file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fault.New(fault.Invalid, "The password cannot be read: %v.", err)
		}
		defer f.Close()
		return firstLine(f)
	}
	if in := e.terminal(); in != nil && file == "" {
		return typePassword(ctx, e, in, "Password")
	}
	if e.stdin == nil {
		return "", usageError{"name a file with --password-file"}
	}
	return firstLine(e.stdin)
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// terminal is standard input where somebody types into it, else nil.
func (e *env) terminal() *os.File {
	if in, ok := e.stdin.(*os.File); ok && in != nil && term.IsTerminal(int(in.Fd())) {
		return in
	}
	return nil
}

// typePassword asks for a password, which is not shown. A signal ends it, and leaves
// the terminal as it was.
func typePassword(ctx context.Context, e *env, in *os.File, what string) (string, error) {
	fd := int(in.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(e.stderr, what+": ")
	defer fmt.Fprintln(e.stderr)
	type typed struct {
		password []byte
		err      error
	}
	done := make(chan typed, 1)
	go func() {
		b, err := term.ReadPassword(fd)
		done <- typed{b, err}
	}()
	select {
	case t := <-done:
		return string(t.password), t.err
	case <-ctx.Done():
		return "", errors.Join(fault.New(fault.Invalid, "Stopped before a password was typed."), term.Restore(fd, was))
	}
}
