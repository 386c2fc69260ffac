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
	maxBytes        = 1 << 18 // bytes that the values of one record name, repeats counted
	maxXML          = 1 << 20 // bytes of one record's XML
	maxCached       = 4096    // templates kept across chunks
	maxCachedBytes  = 8 << 20
	maxSameTemplate = 8 // templates kept under one GUID and size
	maxInterned     = 8192
	keptFields      = 1024 // memory for fields that a decoder keeps when it is given back
)

// Caps of a chunk, for each of its bytes: a chunk of 64 KiB may take a million
// steps.
const (
	stepsPerByte    = 16
	bytesPerByte    = 32 // that its values name, repeats counted
	xmlPerByte      = 256
	compiledPerByte = 16 // of templates and literal XML
)
