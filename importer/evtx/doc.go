// Package evtx reads Windows event logs in the EVTX format: the records of a
// file, with every System field, the data of EventData and UserData as ordered
// pairs with their types, and on demand the XML that Windows renders.
//
// A file is read chunk by chunk (64 KiB, each self-contained). Nothing that a
// file says about itself is trusted: its counts are not needed to read it, and
// are only compared with what was read (Promise), every offset is checked
// against its chunk, work and memory have caps for each record and each chunk.
// After a bad record the next one in the chunk is looked for, after
// a bad chunk the next chunk; what was passed over is reported as a *Skip.
// Reading never panics, whatever the bytes.
//
// The package keeps no memory that grows with the file. A Record and what
// hangs on it are valid until the next one is asked for; Clone makes a copy
// that stays.
//
// What it leaves to others: messages and the names of levels, tasks and
// opcodes (they are in the provider's manifest, not in the log); the older EVT
// format; writing logs; decompression; finding deleted records in the unused
// end of a sound chunk.
//
// Sources: [MS-EVEN6] for BinXml; the libevtx project's description of the
// file, chunk and record headers.
package evtx
