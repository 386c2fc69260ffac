package db

import "context"

// DeleteStep deletes an import, as DeleteImport does, all of it in one step.
func (d *DB) DeleteStep(ctx context.Context, id int64) (done bool, err error) {
	err = d.DeleteImport(ctx, id)
	return err == nil, err
}
