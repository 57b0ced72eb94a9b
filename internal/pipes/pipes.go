// Package pipes is a network without the system's, for tests in a bubble of package synctest: there, time passes when
// nothing else can happen, and who waits for a socket could go on at any moment.
package pipes

import (
	"net"
	"sync"
)

// Listener accepts the connections that Dial makes. New makes one.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// New is a listener that nobody has dialled.
func New() *Listener { return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Dial is a new connection, once it is accepted.
func (l *Listener) Dial() (net.Conn, error) {
	here, away := net.Pipe()
	select {
	case l.conns <- away:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Accept is the other end of the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial. Connections that there are go on.
func (l *Listener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

// Addr is no address of the system's.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{} }
