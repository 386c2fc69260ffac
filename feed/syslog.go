package feed

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// Syslog takes RFC 5424 messages over TCP, or TLS, that carry events. It has no word
// to acknowledge by: where more comes than can be stored it reads no further, and
// senders wait.
type Syslog struct {
	Take    Taker
	Rates   *importer.Rates
	Log     *slog.Logger
	Allowed []netip.Prefix // who may send without a client certificate
	Zone    string         // of times without one

	room room // of messages that are not stored yet
	wg   sync.WaitGroup
}

const (
	mostSenders   = 4096             // connections
	idleSender    = 15 * time.Minute // without a message
	slowMessage   = 30 * time.Second // from its first byte to its last
	gatherTime    = 200 * time.Millisecond
	gatherBytes   = 1 << 20
	mostMessage   = 2 << 20
	roomAgain     = 100 * time.Millisecond
	messageBuffer = 16 << 10
)

// Serve takes connections until ctx is done, then lets what was read be stored.
func (s *Syslog) Serve(ctx context.Context, ln net.Listener) error {
	defer s.wg.Wait()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	slots := make(chan struct{}, mostSenders)
	for {
		conn, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // too many files: others may end
			time.Sleep(50 * time.Millisecond)
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			s.refuse(stranger, conn, "too many connections")
			continue
		}
		s.wg.Go(func() {
			defer func() { <-slots }()
			s.connection(ctx, conn)
		})
	}
}

func (s *Syslog) refuse(name string, conn net.Conn, why string) {
	s.Rates.Refused(intake.Feed{Name: name, Kind: intake.FeedSyslog}, upper(fmt.Sprintf("%s: %s", conn.RemoteAddr(), why)))
	_ = conn.Close()
}

// connection takes what one sender sends.
func (s *Syslog) connection(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	name, err := s.sender(ctx, conn)
	if err != nil {
		s.refuse(stranger, conn, err.Error())
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	messages := make(chan []byte)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.gather(ctx, name, messages)
	}()
	err = s.read(conn, func(m []byte) {
		select {
		case messages <- m:
		case <-done:
		}
	})
	close(messages)
	<-done
	if err != nil && ctx.Err() == nil {
		s.refuse(name, conn, err.Error())
	}
}

// sender is under which name who connects may send: that of its certificate, or the
// network that is allowed.
func (s *Syslog) sender(ctx context.Context, conn net.Conn) (string, error) {
	if t, ok := conn.(*tls.Conn); ok {
		ctx, cancel := context.WithTimeout(ctx, silence)
		defer cancel()
		if err := t.HandshakeContext(ctx); err != nil {
			return "", fmt.Errorf("no TLS came about: %w", err)
		}
		if chains := t.ConnectionState().VerifiedChains; len(chains) > 0 {
			return "certificate of " + chains[0][0].Subject.CommonName, nil
		}
	}
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err == nil {
		for _, p := range s.Allowed {
			if p.Contains(at.Addr().Unmap().WithZone("")) {
				return p.String(), nil
			}
		}
	}
	return "", errors.New("neither a client certificate nor an allowed address (--syslog-allow)")
}

// Why a connection is ended.
var (
	errMessageLong = errors.New("a message is longer than 2 MiB, more than any Windows event; the connection was ended")
	errMessageSlow = errors.New("a message was not whole after 30 seconds; the connection was ended")
	errNoRoom      = errors.New("more comes than can be stored; the connection was ended")
	errFraming     = errors.New("a message begins neither with < nor with its length; the connection was ended")
)

// read gives each message: with its length before it, or ended by a line's end (RFC
// 6587).
func (s *Syslog) read(conn net.Conn, each func([]byte)) error {
	r := bufio.NewReaderSize(conn, messageBuffer)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(idleSender)); err != nil {
			return err
		}
		first, err := r.Peek(1)
		if err != nil {
			return nil // the end, or silence
		}
		if first[0] == '\n' || first[0] == '\r' || first[0] == 0 {
			_, _ = r.Discard(1)
			continue
		}
		if err := conn.SetReadDeadline(time.Now().Add(slowMessage)); err != nil {
			return err
		}
		m, err := s.message(r, first[0])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case isTimeout(err):
			return errMessageSlow
		case err != nil:
			return err
		}
		each(m)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// message reads one message. Its bytes have room until they are stored; where it is
// not whole, none.
func (s *Syslog) message(r *bufio.Reader, first byte) (m []byte, err error) {
	defer func() {
		if err != nil {
			s.room.give(len(m))
		}
	}()
	switch {
	case first == '<':
		return s.line(r)
	case first < '1' || first > '9':
		return nil, errFraming
	}
	n := 0
	for {
		c, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		if c == ' ' {
			break
		}
		if c < '0' || c > '9' {
			return nil, errFraming
		}
		if n = 10*n + int(c-'0'); n > mostMessage {
			return nil, errMessageLong
		}
	}
	for len(m) < n { // it grows with what comes, not with what was promised
		step := min(n-len(m), messageBuffer)
		if !s.reserve(step) {
			return m, errNoRoom
		}
		m = append(m, make([]byte, step)...)
		if _, err := io.ReadFull(r, m[len(m)-step:]); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (s *Syslog) line(r *bufio.Reader) (m []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(m)+len(part) > mostMessage {
			return m, errMessageLong
		}
		if !s.reserve(len(part)) {
			return m, errNoRoom
		}
		m = append(m, part...)
		if errors.Is(err, io.EOF) && len(m) > 0 { // the last line of all
			return m, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return m, err
		}
	}
}

// reserve waits until there is room, for as long as a message may take.
func (s *Syslog) reserve(n int) bool {
	for range slowMessage / roomAgain {
		if s.room.take(n) {
			return true
		}
		time.Sleep(roomAgain)
	}
	return false
}

// gathered are messages of one host in one form; classic text, which has no end of its
// own, message by message.
type gathered struct {
	host, format string
	n            int
}

// gather stores messages, those that come within a moment together.
func (s *Syslog) gather(ctx context.Context, name string, messages <-chan []byte) {
	feed := intake.Feed{Name: name, Kind: intake.FeedSyslog}
	for m := range messages {
		some := map[gathered][]byte{}
		size := 0
		add := func(m []byte) {
			size += len(m)
			host, text, bad := parseSyslog(bytes.TrimRight(m, "\r\n"))
			if bad != "" {
				s.Rates.Refused(feed, bad)
				text = m
			}
			k := gathered{host: host, format: formOf(text)}
			if k.format == sniff.SplunkText {
				k.n = len(some) + 1
			}
			some[k] = append(append(some[k], text...), '\n')
		}
		add(m)
		wait := time.NewTimer(gatherTime)
		for open := true; open && size < gatherBytes; {
			select {
			case m, ok := <-messages:
				if open = ok; ok {
					add(m)
				}
			case <-wait.C:
				open = false
			}
		}
		wait.Stop()
		for k, data := range some {
			s.store(feed, intake.Sent{Feed: feed, Format: k.format, Computer: k.host, Zone: s.Zone, Data: data})
		}
		s.room.give(size)
	}
}

// formOf is the format that the text of a message is read as.
func formOf(text []byte) string {
	switch text = bytes.TrimLeft(text, " \t"); {
	case bytes.HasPrefix(text, []byte("{")):
		return sniff.WinlogbeatJSON // or any other JSON
	case bytes.HasPrefix(text, []byte("<")):
		return sniff.EventXML
	}
	return sniff.SplunkText
}

// store stores what was gathered. There is nobody to send it again: it is tried until
// it is stored.
func (s *Syslog) store(f intake.Feed, sent intake.Sent) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		_, err := s.Take.Take(context.Background(), sent)
		again, _ := unstored(err)
		switch {
		case err == nil:
			return
		case fault.CodeOf(err) == fault.Invalid:
			s.Rates.Refused(f, fault.Sentence(err))
			return
		case !again || errors.Is(err, importer.ErrClosed):
			s.Rates.Refused(f, "What came cannot be stored; the server's log says why.")
			s.Log.Error("what came by syslog is lost", "feed", f.Name, "bytes", len(sent.Data), "error", err)
			return
		}
		time.Sleep(wait)
	}
}

// parseSyslog parts a message into the host that its header names and what it
// carries. Of a header that is not RFC 5424's it looks for where an event begins.
func parseSyslog(m []byte) (host string, text []byte, bad string) {
	const noEvent = "A message carries no event: neither JSON nor XML nor classic text stands behind its header."
	rest, ok := priority(m)
	if !ok {
		return "", nil, "A message has no priority in its header, as RFC 5424 asks for."
	}
	if after, is := bytes.CutPrefix(rest, []byte("1 ")); is {
		var words [5][]byte // time, host, application, process, message id
		for i := range words {
			words[i], after, _ = bytes.Cut(after, []byte(" "))
		}
		if after, ok = structured(after); ok {
			text = bytes.TrimPrefix(bytes.TrimLeft(after, " "), []byte("\uFEFF"))
			if h := string(words[1]); h != "-" {
				host = h
			}
			if len(text) == 0 {
				return host, nil, noEvent
			}
			return host, text, ""
		}
	}
	from := len(rest)
	for _, sign := range []string{"{", "<Event", "LogName="} {
		if i := bytes.Index(rest, []byte(sign)); i >= 0 {
			from = min(from, i)
		}
	}
	if from < len(rest) {
		return "", rest[from:], ""
	}
	return "", nil, noEvent
}

// priority drops the number in angle brackets.
func priority(m []byte) (rest []byte, ok bool) {
	m, ok = bytes.CutPrefix(m, []byte("<"))
	n := bytes.IndexByte(m[:min(len(m), 4)], '>')
	if !ok || n < 1 || len(bytes.Trim(m[:n], "0123456789")) > 0 {
		return nil, false
	}
	return m[n+1:], true
}

// structured drops the structured data.
func structured(m []byte) (rest []byte, ok bool) {
	if rest, ok = bytes.CutPrefix(m, []byte("-")); ok {
		return rest, true
	}
	if !bytes.HasPrefix(m, []byte("[")) {
		return nil, false
	}
	quoted := false
	for i := 0; i < len(m); i++ {
		switch c := m[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted && (i+1 == len(m) || m[i+1] != '['):
			return m[i+1:], true
		}
	}
	return nil, false
}
