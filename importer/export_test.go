package importer

// SetBatchRecords changes how many records a batch holds, and returns the
// function that changes it back.
func SetBatchRecords(n int) (restore func()) {
	was := batchRecords
	batchRecords = n
	return func() { batchRecords = was }
}
