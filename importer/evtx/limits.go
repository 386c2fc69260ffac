package evtx

// Caps. Real records stay far below: a record is at most 64 KiB long.
const (
	maxNesting      = 16      // binary XML in binary XML
	maxElements     = 64      // elements open at once in one template
	maxOps          = 1 << 15 // parts of one template
	maxStatic       = 1 << 18 // bytes of text in one template
	maxNameUnits    = 512     // UTF-16 units of a name
	maxFields       = 1 << 14 // fields of one record
	maxChunkFields  = 1 << 16
	maxWork         = 1 << 17 // steps to decode one record
	maxChunkWork    = 1 << 20
	maxBytes        = 1 << 18 // bytes that the values of one record name, repeats counted
	maxChunkBytes   = 1 << 21
	maxXML          = 1 << 20 // bytes of one record's XML
	maxChunkXML     = 1 << 24
	maxCompile      = 1 << 20 // bytes of templates and literal XML compiled in a chunk
	maxCached       = 4096    // templates kept across chunks
	maxCachedBytes  = 8 << 20
	maxSameTemplate = 8 // templates kept under one GUID and size
	maxInterned     = 8192
)
