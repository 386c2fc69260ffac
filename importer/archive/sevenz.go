package archive

import (
	"errors"
	"fmt"
	"io"

	"escutcheon/importer/archive/sevenz"
	"escutcheon/importer/archive/stream"
)

// sevenZip is a 7z. Its members lie one after the other in a few blocks.
type sevenZip struct{ r *sevenz.Reader }

func (w *walker) openSevenZip(r io.ReaderAt, size int64) (container, error) {
	z, err := sevenz.Open(r, size, sevenz.Options{Password: w.opt.Password, Members: int(w.opt.Members),
		Wrap: func(r io.Reader, packed int64) io.Reader {
			return &meter{w: w, r: r, packed: packed, free: true}
		}})
	if err != nil {
		return nil, said7z(err, "")
	}
	return &sevenZip{z}, nil
}

// The attributes of a 7z that are looked at: what Windows calls a reparse
// point, and that the upper half is a mode of Unix.
const (
	attrReparse = 0x400
	attrUnix    = 0x8000
)

// files is how many members there are that are no folders.
func (z *sevenZip) files() (n int64) {
	for i := range z.r.Files {
		if !z.r.Files[i].Folder {
			n++
		}
	}
	return n
}

func (z *sevenZip) each(f func(*entry) error) error {
	total, passed := 0.0, 0.0
	for i := range z.r.Files {
		total += weight(z.r.Files[i].Size)
	}
	for i := range z.r.Files {
		file := &z.r.Files[i]
		e := &entry{name: file.Name, folder: file.Folder, size: file.Size, packed: file.Packed, encrypted: file.Encrypted,
			modified: written(fromFileTime(file.Modified)), from: passed / total}
		passed += weight(file.Size)
		e.to = passed / total
		switch {
		case file.Anti:
			e.folder, e.skip = false, "This entry says that a file is to be removed; it is none."
		case file.Attr&attrReparse != 0, file.Attr&attrUnix != 0 && file.Attr>>16&unixKind == unixLink:
			e.skip = "This is a link, which is not followed."
		}
		e.open = func() (io.Reader, error) {
			r, err := z.r.Open(i)
			if err != nil {
				return nil, said7z(err, file.Name)
			}
			return &from7z{r, file.Name}, nil
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// from7z says in sentences what is wrong with a member.
type from7z struct {
	r    io.Reader
	name string
}

func (r *from7z) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		err = said7z(err, r.name)
	}
	return n, err
}

// said7z says what an error of a 7z means for a member, or with no name for
// the whole archive.
func said7z(err error, name string) error {
	what := "The 7z archive's list of members"
	if name != "" {
		what = fmt.Sprintf("%q", quoted(name))
	}
	switch {
	case errors.Is(err, sevenz.ErrPassword):
		return errorf(ErrPassword, "%s is encrypted: it needs a password.", what)
	case errors.Is(err, sevenz.ErrWrongPassword):
		return errorf(ErrWrongPassword, "%s cannot be decrypted: the password is wrong, or the archive is damaged.", what)
	case errors.Is(err, sevenz.ErrMethod):
		return errorf(ErrMethod, "%s is packed in a way that is not read here. Unpack the archive and import the logs in it.",
			what)
	case errors.Is(err, sevenz.ErrTooBig):
		return errorf(ErrLimit, "%s needs more than %d MiB of memory to be unpacked, which is the limit. Unpack the "+
			"archive and import the logs in it.", what, stream.MaxWindow>>20)
	case errors.Is(err, sevenz.ErrMembers):
		return errorf(ErrLimit, "The 7z archive holds too many members. Unpack it and import the logs in it.")
	case errors.Is(err, sevenz.ErrCut) && name == "":
		return damaged("The 7z archive is cut short: the list of members at its end is missing. Get a whole copy.")
	case errors.Is(err, sevenz.ErrCut):
		return damaged("%s is cut short: the 7z archive ends before it does.", what)
	case errors.Is(err, sevenz.ErrDamaged) && name == "":
		return damaged("%s is damaged. Get a whole copy.", what)
	case errors.Is(err, sevenz.ErrDamaged):
		return damaged("%s is damaged: what follows cannot be unpacked.", what)
	}
	return err
}
