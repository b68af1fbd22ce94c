package scenario

import (
	"net"
	"sync"
)

// Freezable is a connection that can stop to read and to write, without an end, as that of a peer whose machine has lost its power.
type Freezable struct {
	net.Conn
	frozen, closed chan struct{}
	freeze, end    func()
}

// NewFreezable wraps a connection.
func NewFreezable(conn net.Conn) *Freezable {
	frozen, closed := make(chan struct{}), make(chan struct{})
	return &Freezable{conn, frozen, closed, sync.OnceFunc(func() { close(frozen) }), sync.OnceFunc(func() { close(closed) })}
}

// Freeze lets all reads and writes wait until the connection is closed.
func (f *Freezable) Freeze() { f.freeze() }

func (f *Freezable) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	return n, f.pass(err)
}

func (f *Freezable) Write(p []byte) (int, error) {
	if err := f.pass(nil); err != nil {
		return 0, err
	}
	return f.Conn.Write(p)
}

// pass waits if the connection is frozen.
func (f *Freezable) pass(err error) error {
	select {
	case <-f.frozen:
		<-f.closed
		return net.ErrClosed
	default:
		return err
	}
}

// Close closes the connection.
func (f *Freezable) Close() error {
	f.end()
	return f.Conn.Close()
}
