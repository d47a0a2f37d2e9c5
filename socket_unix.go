// This file peeks at an idle socket on systems that can do so without waiting and without taking bytes away.

//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package orm

import (
	"errors"
	"syscall"
)

// isQuiet reports that the socket is open and has nothing to read. It uses Control rather than Read, because Read fails
// on a socket whose last read deadline, long forgotten by the driver, lies in the past.
func isQuiet(raw syscall.RawConn) bool {
	quiet := false
	err := raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		for errors.Is(err, syscall.EINTR) {
			_, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		}
		quiet = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK)
	})
	return err == nil && quiet
}
