// This file holds a TCP proxy that stands between an engine and its server, in
// the process of the test. It passes on what it is given until it is told to
// lose something. Of the two protocols it reads as much as it takes to know
// which statement goes by, and where its answer ends.

package orm_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aurum-go/orm"
)

// fault is what befalls one statement.
type fault uint8

const (
	noFault     fault = iota
	loseRequest       // it does not arrive, and the connection ends
	loseAnswer        // it is executed, and the connection ends in place of the answer
	muteAnswer        // it is executed; the server is not heard any more on this connection
	fallSilent        // it does not arrive, and nothing does after it, on any connection
)

// proxy stands before one server. It is safe for concurrent use.
type proxy struct {
	listener net.Listener
	target   string
	wire     func() wire
	running  sync.WaitGroup

	mu       sync.Mutex
	changed  *sync.Cond
	links    map[*link]bool
	accepted int
	silent   bool
	armed    map[string]fault // by the beginning of a statement's text
	seen     []string         // texts of the statements that came
}

// newProxy starts a proxy before the server of a URL, and returns the URL by
// which it is reached.
func newProxy(t *testing.T, url string) (*proxy, string) {
	t.Helper()
	u, err := orm.ParseURL(url)
	must(t, err)
	port, wire := 5432, newPostgresWire
	if u.DialectName() == "mysql" {
		port, wire = 3306, newMySQLWire
	}
	target := net.JoinHostPort(u.Host(), strconv.Itoa(cmp.Or(u.Port(), port)))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: listener, target: target, wire: wire, links: map[*link]bool{}, armed: map[string]fault{}}
	p.changed = sync.NewCond(&p.mu)
	p.running.Go(p.serve)
	t.Cleanup(p.close)
	return p, u.WithHost("127.0.0.1").WithPort(listener.Addr().(*net.TCPAddr).Port).Render()
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{proxy: p, client: client, server: server, wire: p.wire()}
		p.mu.Lock()
		p.accepted++
		p.links[l] = true
		p.mu.Unlock()
		p.running.Go(l.upstream)
		p.running.Go(l.downstream)
	}
}

// close ends everything and waits until it has.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.cut()
	p.running.Wait()
}

// on has a fault befall the next statement that begins so.
func (p *proxy) on(text string, f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed[text] = f
}

// silence has the proxy swallow whatever comes from now on.
func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
}

// cut resets every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
}

// connections returns how many came in all.
func (p *proxy) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// waitUntilEmpty waits until every connection has ended, on both sides.
func (p *proxy) waitUntilEmpty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.links) > 0 {
		p.changed.Wait()
	}
}

// count returns how many statements came that begin so.
func (p *proxy) count(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, seen := range p.seen {
		if strings.HasPrefix(seen, text) {
			n++
		}
	}
	return n
}

// befalls notes a statement and returns its fault.
func (p *proxy) befalls(text string) fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent {
		return fallSilent
	}
	if text == "" {
		return noFault
	}
	p.seen = append(p.seen, text)
	for prefix, f := range p.armed {
		if strings.HasPrefix(text, prefix) {
			delete(p.armed, prefix)
			p.silent = f == fallSilent
			return f
		}
	}
	return noFault
}

func (p *proxy) isSilent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silent
}

// link is one connection through the proxy.
type link struct {
	proxy          *proxy
	client, server net.Conn

	mu      sync.Mutex
	wire    wire
	befalls fault // the answer that is awaited
}

// upstream passes on what the client sends.
func (l *link) upstream() {
	defer l.end()
	r := bufio.NewReader(l.client)
	for {
		message, err := l.wire.request(r)
		if err != nil {
			return
		}
		l.mu.Lock()
		f := l.proxy.befalls(l.wire.statement(message))
		if f != noFault {
			l.befalls = f
		}
		l.mu.Unlock()
		switch f {
		case fallSilent:
			continue
		case loseRequest:
			l.reset()
			return
		}
		if _, err := l.server.Write(message); err != nil {
			return
		}
	}
}

// downstream passes on what the server answers.
func (l *link) downstream() {
	defer l.end()
	r := bufio.NewReader(l.server)
	for {
		message, err := l.wire.answer(r)
		if err != nil {
			return
		}
		l.mu.Lock()
		complete, f := l.wire.completes(message), l.befalls
		l.mu.Unlock()
		switch {
		case f == loseAnswer && complete:
			l.reset()
			return
		case f != noFault, l.proxy.isSilent():
			continue
		}
		if _, err := l.client.Write(message); err != nil {
			return
		}
	}
}

// reset closes both sides at once, without a farewell.
func (l *link) reset() {
	for _, conn := range []net.Conn{l.client, l.server} {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// end closes both sides and leaves the proxy.
func (l *link) end() {
	_ = l.client.Close()
	_ = l.server.Close()
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	delete(l.proxy.links, l)
	l.proxy.changed.Broadcast()
}

// wire is one conversation. Its readers return whole messages.
type wire interface {
	request(r *bufio.Reader) ([]byte, error)
	answer(r *bufio.Reader) ([]byte, error)
	// statement returns the text that a request executes, or "".
	statement(message []byte) string
	// completes reports whether an answer is the last message of its kind.
	completes(message []byte) bool
}

// readMessage reads a head, and then as much as it says is to come.
func readMessage(r *bufio.Reader, head int, rest func(head []byte) int) ([]byte, error) {
	message := make([]byte, head)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, err
	}
	body := make([]byte, rest(message))
	_, err := io.ReadFull(r, body)
	return append(message, body...), err
}

// postgresWire is a conversation with PostgreSQL, without TLS.
type postgresWire struct {
	started bool
	texts   map[string]string // of prepared statements, by their names
	bound   string
}

func newPostgresWire() wire { return &postgresWire{texts: map[string]string{}} }

func (w *postgresWire) request(r *bufio.Reader) ([]byte, error) {
	if !w.started { // the first message has no type
		w.started = true
		return readMessage(r, 4, func(head []byte) int { return int(binary.BigEndian.Uint32(head)) - 4 })
	}
	return w.answer(r)
}

func (w *postgresWire) answer(r *bufio.Reader) ([]byte, error) {
	return readMessage(r, 5, func(head []byte) int { return int(binary.BigEndian.Uint32(head[1:])) - 4 })
}

func (w *postgresWire) statement(message []byte) string {
	first, rest, _ := bytes.Cut(message[min(5, len(message)):], []byte{0})
	second, _, _ := bytes.Cut(rest, []byte{0})
	switch message[0] {
	case 'Q':
		return string(first)
	case 'P':
		w.texts[string(first)] = string(second)
	case 'B':
		w.bound = w.texts[string(second)]
	case 'E':
		return w.bound
	}
	return ""
}

func (w *postgresWire) completes(message []byte) bool { return message[0] == 'Z' }

// mysqlWire is a conversation with MySQL or MariaDB, without TLS.
type mysqlWire struct {
	preparing string
	texts     map[uint32]string // of prepared statements, by their numbers
}

func newMySQLWire() wire { return &mysqlWire{texts: map[uint32]string{}} }

func (w *mysqlWire) request(r *bufio.Reader) ([]byte, error) { return w.answer(r) }

func (w *mysqlWire) answer(r *bufio.Reader) ([]byte, error) {
	return readMessage(r, 4, func(head []byte) int { return int(head[0]) | int(head[1])<<8 | int(head[2])<<16 })
}

func (w *mysqlWire) statement(message []byte) string {
	if message[3] != 0 || len(message) < 5 { // it belongs to the login
		return ""
	}
	const query, prepare, execute = 0x03, 0x16, 0x17
	switch body := message[5:]; message[4] {
	case query:
		return string(body)
	case prepare:
		w.preparing = string(body)
	case execute:
		return w.texts[binary.LittleEndian.Uint32(body)]
	}
	return ""
}

func (w *mysqlWire) completes(message []byte) bool {
	if w.preparing != "" && len(message) >= 9 && message[4] == 0 {
		w.texts[binary.LittleEndian.Uint32(message[5:])], w.preparing = w.preparing, ""
	}
	return true
}
