package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"escutcheon/casefile"
	"escutcheon/fault"
	"escutcheon/signing"
)

// maxReport is the most bytes of a report that is verified.
const maxReport = 1 << 30

// verify says whether a report or a case file is as it was signed, and by which key.
func verify(_ context.Context, e *env, args []string) (int, error) {
	fl, path := flags("verify")
	given := fl.String("key", "", "the public `key` that must have signed it, or the file that has it")
	sig := fl.String("signature", "", "the `file` of the signature, where it is not in the file")
	rest, err := parse(e, fl, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 {
		return 0, usageError{"name the file: a report or a case file"}
	}
	own, err := signing.Load(*path)
	if err != nil {
		return 0, err
	}
	want := ""
	if *given != "" {
		if want, err = publicKey(*given); err != nil {
			return 0, err
		}
	}
	if isZip(rest[0]) {
		return verifyCase(e, rest[0], want, own)
	}
	return verifyReport(e, rest[0], *sig, want, own)
}

// publicKey reads a key: what was given, or the last line of the file of that name.
func publicKey(given string) (string, error) {
	text, err := os.ReadFile(given)
	if errors.Is(err, fs.ErrNotExist) {
		return given, nil
	}
	lines := strings.Fields(string(text))
	if err != nil || len(lines) == 0 {
		return "", fault.New(fault.Invalid, "The key %q cannot be read.", given)
	}
	return lines[len(lines)-1], nil
}

func isZip(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 2)
	n, _ := f.Read(head)
	return n == 2 && string(head) == "PK"
}

func verifyCase(e *env, name, want string, own *signing.Key) (int, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, fault.New(fault.Invalid, "The file cannot be read: %v.", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	in, err := casefile.Read(f, info.Size())
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(e.stdout, "%s: every byte is as its manifest says (SHA-256 %s).\n", printable(name), in.Case.File)
	if in.Signer == nil {
		if want != "" {
			return 0, fault.New(fault.Invalid, "It is not signed.")
		}
		_, err := fmt.Fprintln(e.stdout, "It is not signed: compare that hash with the one that whoever made it tells you.")
		return exitDone, err
	}
	return saysSigned(e, *in.Signer, want, own)
}

func verifyReport(e *env, name, sigFile, want string, own *signing.Key) (int, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxReport {
		err = errors.New("it is too large for a report")
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return 0, fault.New(fault.Invalid, "The file cannot be read: %v.", err)
	}
	whole := data
	data, sig, ok := signing.Split(whole)
	if sigFile == "" && !ok {
		sigFile = name + ".minisig"
	}
	if sigFile != "" {
		if sig, err = os.ReadFile(sigFile); err != nil {
			return 0, fault.New(fault.Invalid, "%q is not signed: it has no signature, and there is no %q.", name, sigFile)
		}
	}
	if sigFile == "" && !signing.AsWritten(whole) {
		return 0, fault.New(fault.Invalid, "The signature in the file is not as it was written.")
	}
	key := want
	if key == "" {
		if own != nil && own.ID() == signing.KeyOf(sig) {
			key = own.Public()
		} else {
			return 0, fault.New(fault.Invalid, "It says that it is signed with key %s. Say with --key which public key that "+
				"must be: `escutcheon key show` prints it where it was signed.", signing.KeyOf(sig))
		}
	}
	s, err := signing.Check(data, sig, key)
	if err != nil {
		return 0, err
	}
	return saysSigned(e, s, want, own)
}

// saysSigned says who signed something whose signature fits.
func saysSigned(e *env, s signing.Signer, want string, own *signing.Key) (int, error) {
	if want != "" && strings.TrimSpace(want) != s.Public {
		return 0, fault.New(fault.Invalid, "It is signed with key %s (%s), not with the one you named.", s.ID, s.Public)
	}
	who := "key " + s.ID
	switch {
	case own != nil && s.Public == own.Public():
		who += ", that of this installation"
	case want == "":
		who += " (" + s.Public + "): compare it with the one that whoever made it tells you"
	}
	_, err := fmt.Fprintf(e.stdout, "The signature fits: %s.\n%s\n", who, printable(s.Comment))
	return exitDone, err
}

// keys makes or shows the key of an installation.
func keys(_ context.Context, e *env, args []string) (int, error) {
	fl, path := flags("key")
	rest, err := parse(e, fl, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) != 1 || rest[0] != "new" && rest[0] != "show" {
		return 0, usageError{"say what to do: new or show"}
	}
	make := signing.Load
	if rest[0] == "new" {
		make = signing.Create
	}
	k, err := make(*path)
	if err != nil {
		return 0, err
	}
	if k == nil {
		return 0, fault.New(fault.NotFound, "This installation has no key. Make one with: escutcheon key new")
	}
	_, err = fmt.Fprintf(e.stdout, "untrusted comment: Escutcheon, key %s\n%s\n", k.ID(), k.Public())
	return exitDone, err
}
