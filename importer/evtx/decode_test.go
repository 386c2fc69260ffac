package evtx_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

// decode gives clones of all records, and the skips.
func decode(t testing.TB, b []byte) (records []*evtx.Record, skips []*evtx.Skip) {
	t.Helper()
	for r, err := range evtx.Records(bytes.NewReader(b)) {
		var skip *evtx.Skip
		switch {
		case err == nil:
			records = append(records, r.Clone())
		case errors.As(err, &skip):
			skips = append(skips, skip)
		default:
			t.Fatal(err)
		}
	}
	return records, skips
}

func one(t testing.TB, e evtxtest.Event) *evtx.Record {
	t.Helper()
	records, skips := decode(t, (&evtxtest.Log{}).Add(e).Bytes())
	if len(records) != 1 || len(skips) != 0 {
		t.Fatalf("%d records, skips %v", len(records), skips)
	}
	return records[0]
}

// show is the fields of a record on one line.
func show(r *evtx.Record) string {
	var b strings.Builder
	for _, f := range r.Fields {
		fmt.Fprintf(&b, "%s/%s", f.Section, f.Element)
		if f.Attr != "" {
			b.WriteString("@" + f.Attr)
		}
		fmt.Fprintf(&b, "[%s]%s=%s;", f.Name, f.Value.Type(), f.Value)
	}
	return b.String()
}

func TestIIS29(t *testing.T) {
	r := one(t, change(17))
	s := &r.System
	number := func(want uint64, f func() (uint64, bool)) {
		t.Helper()
		if got, ok := f(); !ok || got != want {
			t.Errorf("got %d %v, want %d", got, ok, want)
		}
	}
	number(29, s.EventID)
	number(0, s.Version)
	number(5, s.Level)
	number(0, s.Task)
	number(0, s.Opcode)
	number(0x4000000000000000, s.Keywords)
	number(17, s.EventRecordID)
	number(3120, s.ProcessID)
	number(4312, s.ThreadID)
	if got := s.ProviderName() + "|" + s.Channel() + "|" + s.Computer() + "|" +
		s.UserID(); got != "Microsoft-Windows-IIS-Configuration|Microsoft-IIS-Configuration/Operational|WEB01.example.test|S-1-5-18" {
		t.Error(got)
	}
	if g, ok := s.ProviderGUID(); !ok || g.String() != "{dc0b8e51-4863-407a-bc3c-1b479b2978ac}" {
		t.Error(g)
	}
	if at, ok := s.TimeCreated(); !ok || at != moment+17e7 || at != r.Written {
		t.Error(at)
	}
	if _, ok := s.ActivityID(); ok || !s.Value(evtx.Qualifiers).Missing() {
		t.Error("what the event lacks is there")
	}
	names := []string{}
	for _, f := range r.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(
		names,
		","); got != "PhysicalPath,ConfigPath,EffectiveLocationPath,Configuration,EditOperationType,OldValue,NewValue" {
		t.Error(got)
	}
	if v, ok := r.Get("EditOperationType"); !ok || v.Type() != evtx.UInt32 || v.String() != "1" {
		t.Error(v.Type(), v)
	}
	if v, ok := r.Get("OldValue"); !ok || v.Missing() || v.String() != "" {
		t.Error("an empty value is missing")
	}
	if v, ok := r.Get("Configuration"); !ok || v.String() != `/system.webServer/modules/add[@name="mod17"]` {
		t.Error(v)
	}
}

func TestShapes(t *testing.T) {
	records, skips := decode(t, variety(1).Bytes())
	if len(skips) != 0 || len(records) != 6 {
		t.Fatal(len(records), skips)
	}
	const head = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Provider'/><EventID Qualifiers='16384'>7</EventID><Version>2</Version><Level>4</Level><Task>3</Task><Opcode>1</Opcode><Keywords>0x80000000000000aa</Keywords>"
	tests := []struct{ fields, xml string }{
		1: {"EventData/Data[a]String=1 < 2;EventData/Data[]String=two;",
			"<Event><?go on ?&gt;?><System><Provider Name='Literal'/><EventID>11</EventID><TimeCreated SystemTime='2025-01-02T03:04:05.1234567Z'/><EventRecordID>2</EventRecordID><Channel></Channel><Security/></System><EventData><Data Name='a'>1 &lt; 2</Data><Data>two</Data></EventData></Event>"},
		2: {
			"UserData/Param1[Param1]String=päram<€>\U0001F600;UserData/Certificate@fileRef[Certificate]String=ref'\";UserData/Certificate@name[Certificate]Null=;UserData/Param2[Param2]String=a ref'\"&Z<c>;",
			"<UserData><EventXML xmlns='myNs'><Param1>päram&lt;€&gt;\U0001F600</Param1><Certificate fileRef='ref&apos;&quot;'/><Param2>a ref'\"&amp;Z&lt;c&gt;</Param2></EventXML></UserData></Event>"},
		3: {
			"EventData/Data[]String=one;EventData/Data[]String=;EventData/Data[]String=three;EventData/Data[x]AnsiString=a€é;EventData/Data[x]String=;EventData/Binary[Binary]Binary=01AB;",
			"<EventData><Data>one</Data><Data></Data><Data>three</Data><Data Name='x'>a€é</Data><Data Name='x'></Data><Binary>01AB</Binary></EventData></Event>"},
		4: {"EventData/Data[]String=inner;", "<EventData><Data>inner</Data></EventData></Event>"},
		5: {"", "<Security UserID='S-1-5-21-1-2-1001'/></System></Event>"},
	}
	for i, want := range tests {
		if i == 0 {
			continue
		}
		r := records[i]
		got, err := r.XML()
		if err != nil {
			t.Fatal(err)
		}
		if show(r) != want.fields {
			t.Errorf("%d: got  %s\nwant %s", i, show(r), want.fields)
		}
		if !strings.HasSuffix(got, want.xml) || i > 1 && !strings.HasPrefix(got, head) {
			t.Errorf("%d: XML %s", i, got)
		}
		if err := xml.Unmarshal([]byte(got), new(any)); err != nil && err != io.EOF {
			t.Error(err)
		}
	}
	if n, ok := records[1].System.EventID(); n != 11 || !ok {
		t.Error("a number in text is not read", n)
	}
	if at, ok := records[1].System.TimeCreated(); at.String() != "2025-01-02T03:04:05.1234567Z" || !ok {
		t.Error("a time in text is not read", at)
	}
	if q, ok := records[3].System.Qualifiers(); q != 16384 || !ok {
		t.Error(q)
	}
}

func TestValues(t *testing.T) {
	tests := []struct {
		value evtxtest.Value
		typ   evtx.Type
		text  string
	}{
		{evtxtest.Null(), evtx.Null, ""},
		{evtxtest.Raw(8), evtx.Null, ""},
		{evtxtest.Raw(1), evtx.String, ""},
		{evtxtest.Str("Grüße \U0001F600"), evtx.String, "Grüße \U0001F600"},
		{evtxtest.StrZ("abcdefgh-ijk"), evtx.String, "abcdefgh-ijk"},
		{evtxtest.Raw(1, 'a', 0, 0, 0xD8, 'b', 0), evtx.String, "a\uFFFDb"},
		{evtxtest.Raw(2, 0x93, 'x', 0x94, 0), evtx.ANSIString, "“x”"},
		{evtxtest.Raw(3, 0xFF), evtx.Int8, "-1"},
		{evtxtest.Raw(4, 0xFF), evtx.UInt8, "255"},
		{evtxtest.Raw(5, 0, 0x80), evtx.Int16, "-32768"},
		{evtxtest.U16(65535), evtx.UInt16, "65535"},
		{evtxtest.Raw(7, 0xFE, 0xFF, 0xFF, 0xFF), evtx.Int32, "-2"},
		{evtxtest.U32(1 << 31), evtx.UInt32, "2147483648"},
		{evtxtest.Raw(9, 0, 0, 0, 0, 0, 0, 0, 0x80), evtx.Int64, "-9223372036854775808"},
		{evtxtest.U64(1<<64 - 1), evtx.UInt64, "18446744073709551615"},
		{evtxtest.Raw(0x0B, 0, 0, 0xC0, 0x3F), evtx.Real32, "1.5"},
		{evtxtest.Raw(0x0C, 0, 0, 0, 0, 0, 0, 0xF8, 0xBF), evtx.Real64, "-1.5"},
		{evtxtest.Raw(0x0D, 1, 0, 0, 0), evtx.Bool, "true"},
		{evtxtest.Raw(0x0D, 0, 0, 0, 0), evtx.Bool, "false"},
		{evtxtest.Raw(0x0E, 0, 0xFF), evtx.Binary, "00FF"},
		{evtxtest.GUID(evtxtest.ParseGUID("dc0b8e51-4863-407a-bc3c-1b479b2978ac")), evtx.GUIDType,
			"{dc0b8e51-4863-407a-bc3c-1b479b2978ac}"},
		{evtxtest.Raw(0x10, 0xAB, 0, 0, 0), evtx.SizeT, "0xab"},
		{evtxtest.Raw(0x10, 0, 0, 0, 0, 1, 0, 0, 0), evtx.SizeT, "0x100000000"},
		{evtxtest.Time(0), evtx.FileTimeT, "1601-01-01T00:00:00.0000000Z"},
		{evtxtest.Time(131_801_094_123_456_789), evtx.FileTimeT, "2018-08-30T13:30:12.3456789Z"},
		{evtxtest.Raw(0x12, 0xE8, 7, 2, 0, 4, 0, 29, 0, 23, 0, 59, 0, 58, 0, 0xE7, 3), evtx.SystemTime,
			"2024-02-29T23:59:58.999Z"},
		{evtxtest.SID(5, 32, 544), evtx.SID, "S-1-5-32-544"},
		{evtxtest.Raw(0x14, 0xE8, 3, 0, 0), evtx.HexInt32, "0x3e8"},
		{evtxtest.Hex64(0), evtx.HexInt64, "0x0"},
		{evtxtest.Raw(0x77, 1, 2), 0x77, "0102"},
	}
	data := evtxtest.Data("v")
	for _, test := range tests {
		r := one(t, evtxtest.New(system(1), evtxtest.XML(data, test.value)))
		v, ok := r.Get("v")
		if !ok || v.Type() != test.typ || v.String() != test.text || v.Missing() != (test.typ == evtx.Null) {
			t.Errorf("type %#x % x: got %v %q", test.value.Type, test.value.Raw, v.Type(), v)
		}
		got, err := r.XML()
		if want := "<EventData><Data Name='v'>" + test.text + "</Data></EventData></Event>"; err != nil ||
			!strings.HasSuffix(got, want) {
			t.Errorf("%s, want …%s (%v)", got, want, err)
		}
	}
	for _, bad := range []evtxtest.Value{evtxtest.Raw(8, 1), evtxtest.Raw(0x0F, 1, 2), evtxtest.Raw(0x13, 1),
		evtxtest.Raw(0x11, 1, 2, 3, 4)} {
		_, skips := decode(t, (&evtxtest.Log{}).Add(evtxtest.New(system(9), evtxtest.XML(data, bad))).Bytes())
		if len(skips) != 1 || skips[0].Reason != evtx.BadValue || skips[0].RecordID != 9 {
			t.Errorf("type %#x of %d bytes: %v", bad.Type, len(bad.Raw), skips)
		}
	}
}

// TestTimes compares our calendar with the library's.
func TestTimes(t *testing.T) {
	for at := evtx.FileTime(0); at < 2_650_000_000_000_000_000; at += 12_345_678_901_234_567 / 8 {
		if want := at.Time().Format("2006-01-02T15:04:05.0000000Z"); at.String() != want {
			t.Fatalf("%d: %s, want %s", at, at, want)
		}
	}
	if n, ok := evtx.FileTime(moment).UnixNano(); !ok || n != evtx.FileTime(moment).Time().UnixNano() {
		t.Error(n)
	}
	if _, ok := evtx.FileTime(0).UnixNano(); ok {
		t.Error("1601 has nanoseconds")
	}
}

func TestParallel(t *testing.T) {
	b := ownLog()
	var want []uint64
	for r, err := range evtx.Records(bytes.NewReader(b)) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, r.ID)
	}
	if !slices.IsSorted(want) || len(want) != 2400 {
		t.Fatal(len(want))
	}
	f, err := evtx.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	ids := func(d *evtx.Decoder, c *evtx.Chunk) (ids []uint64, err error) {
		for r := range d.Records(c) {
			if r != nil {
				ids = append(ids, r.ID)
			}
		}
		return ids, nil
	}
	for workers := range 5 {
		cr, _ := f.Chunks()
		var got []uint64
		err := evtx.Parallel(context.Background(), cr, workers, ids,
			func(ids []uint64) error { got = append(got, ids...); return nil })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d workers: %d ids, %v", workers, len(got), err)
		}
		stop := errors.New("enough")
		cr, _ = f.Chunks()
		if err := evtx.Parallel(context.Background(), cr, workers, ids, func([]uint64) error { return stop }); err != stop {
			t.Error(err)
		}
		cr, _ = f.Chunks()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := evtx.Parallel(ctx, cr, workers, ids, func([]uint64) error { return nil }); err != context.Canceled {
			t.Error(err)
		}
	}
	cr, err := evtx.NewChunkReader(io.MultiReader(bytes.NewReader(b[:200_000]), failing{}))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = evtx.Parallel(context.Background(), cr, 2, ids, func(ids []uint64) error { n += len(ids); return nil })
	if err == nil || err.Error() != "the disk is gone" || n == 0 {
		t.Error(err, n)
	}
}

// TestAllocations: once warm, a record costs no memory.
func TestAllocations(t *testing.T) {
	cr, err := evtx.NewChunkReader(bytes.NewReader(ownLog()))
	if err != nil {
		t.Fatal(err)
	}
	var c evtx.Chunk
	if err := cr.Next(&c); err != nil {
		t.Fatal(err)
	}
	d := evtx.NewDecoder()
	records, text := 0, []byte(nil)
	all := func() {
		records = 0
		for r := range d.Records(&c) {
			records++
			text = everything(text[:0], r)
			text, _ = r.AppendXML(text[:0])
		}
	}
	all()
	if n := testing.AllocsPerRun(20, all); n > 10 || records < 50 {
		t.Errorf("%v allocations for %d records", n, records)
	}
}

func TestHeader(t *testing.T) {
	b := ownLog()
	f, err := evtx.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	h := f.Header()
	if !h.Sound || h.Dirty || h.Major != 3 || h.Minor != 1 || int(h.Chunks) != (len(b)-4096)/65536 ||
		h.NextRecord != 2401 {
		t.Errorf("%+v", h)
	}
	for _, bad := range [][]byte{nil, []byte("PK\x03\x04"), make([]byte, 100_000), []byte("<Events>")} {
		if _, err := evtx.Open(bytes.NewReader(bad), int64(len(bad))); err != evtx.ErrNotEVTX {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	cr, err := f.Chunks()
	if err != nil {
		t.Fatal(err)
	}
	var c evtx.Chunk
	for n := 0; ; n++ {
		err := cr.Next(&c)
		if err == io.EOF {
			if n != int(h.Chunks) {
				t.Error(n, "chunks")
			}
			break
		}
		if err != nil || !c.Signed || !c.HeaderOK || !c.DataOK || c.Index != n || c.Offset != int64(4096+65536*n) {
			t.Fatal(err, c.Index, c.Offset)
		}
	}
}
