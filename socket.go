// This file remembers the network connection below a driver's connection and watches over it: a call whose context
// has ended gets a grace period to come back, then its socket is closed and the blocked driver returns.
// A driver is linked to its socket by the context of Connect, which carries the holder to the dialer. The errors by which
// drivers say that a connection has ended are listed here too.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// socketKey is the context key under which Connect hands its socket to the dialer.
type socketKey struct{}

// socket holds what a driver dialled during one Connect. It is safe for concurrent use, because a watch closes it from
// another goroutine than the one that is blocked in the driver.
type socket struct {
	mu   sync.Mutex
	conn net.Conn // nil as long as the driver has dialled nothing
	shut bool
}

// remember takes the latest dial: a driver that tries several hosts, or the same one without TLS, goes on with the last.
func (s *socket) remember(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = nc
	if s.shut {
		closeInnermost(nc)
	}
}

// dialled tells whether there is a network connection; an embedded database has none.
func (s *socket) dialled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn != nil
}

// shutdown closes the socket, and every one that is dialled later. It never waits for the other side.
func (s *socket) shutdown() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return
	}
	s.shut = true
	if s.conn != nil {
		closeInnermost(s.conn)
	}
}

func (s *socket) isShut() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shut
}

// alive looks at the socket of an idle connection without waiting. Whatever can be read there, an end of file or bytes
// that nobody asked for, means that the conversation is over. A socket that cannot be looked at counts as alive.
func (s *socket) alive() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return false
	}
	sc, ok := innermost(s.conn).(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	return err == nil && isQuiet(raw)
}

// innermost unwraps TLS and its like down to the connection that owns the file descriptor.
func innermost(nc net.Conn) net.Conn {
	for {
		outer, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = outer.NetConn()
	}
}

// closeInnermost skips the farewell of TLS, which would wait for a silent server. The error of a close says nothing
// that the read or write it interrupts does not say.
func closeInnermost(nc net.Conn) {
	_ = innermost(nc).Close()
}

// socketWatch guards one call, or one open result set. It costs no goroutine until the context ends.
type socketWatch struct {
	socket *socket
	grace  time.Duration
	stop   func() bool

	mu    sync.Mutex
	ended bool
	timer *time.Timer
}

// watch starts to guard; it returns nil, which is a valid watch, if there is nothing to close or ctx never ends.
func (s *socket) watch(ctx context.Context, grace time.Duration) *socketWatch {
	if s == nil || ctx.Done() == nil {
		return nil
	}
	w := &socketWatch{socket: s, grace: grace}
	w.stop = context.AfterFunc(ctx, w.contextEnded)
	return w
}

func (w *socketWatch) contextEnded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.timer = time.AfterFunc(w.grace, w.graceEnded)
	}
}

// graceEnded closes under the lock, so that nothing happens to the socket once end has returned.
func (w *socketWatch) graceEnded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.socket.shutdown()
	}
}

// end stops guarding. Afterwards the watch neither runs nor touches the socket.
func (w *socketWatch) end() {
	if w == nil || w.stop() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

// lostCauses are the ends of a connection that have a name.
var lostCauses = []error{
	driver.ErrBadConn,
	io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe,
	net.ErrClosed,
	syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE,
}

// meansLost reports that after err the connection cannot go on.
func meansLost(err error) bool {
	if err == nil {
		return false
	}
	for _, cause := range lostCauses {
		if errors.Is(err, cause) {
			return true
		}
	}
	// go-sql-driver/mysql has no type for it, and its variable would be a dependency.
	return isNetworkError(err) || err.Error() == "invalid connection"
}

// isNetworkError picks the errors of package net from those that merely have the methods of net.Error: the deadline of
// a context, and every number that the operating system returns, such as for a file that is not there.
func isNetworkError(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	netErr, ok := errors.AsType[net.Error](err)
	if !ok || error(netErr) == context.DeadlineExceeded { //nolint:errorlint // a network error may wrap it
		return false
	}
	_, isNumber := error(netErr).(syscall.Errno) //nolint:errorlint // a network error may wrap it
	return !isNumber
}
