package archive

import (
	"context"
	"io"
)

func openSevenZip(ctx context.Context, r io.ReaderAt, size int64, opt Options) (container, error) {
	return nil, errorf(ErrMethod, "This is a 7z archive, which is not read here. Unpack it and import the logs in it.")
}
