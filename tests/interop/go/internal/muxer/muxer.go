// Package muxer shows the two yamux libraries through one interface.
package muxer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	hashicorp "github.com/hashicorp/yamux"
	libp2p "github.com/libp2p/go-yamux/v5"
)

// The libraries.
const (
	Hashicorp = "hashicorp"
	Libp2p    = "libp2p"
)

// Config is what a session is told.
type Config struct {
	Library string
	// Client is whether the session opens odd streams. It is independent of who dialled.
	Client bool
	// Window is the most that a stream may have under way, in bytes, from its beginning on.
	Window uint32
	// Backlog is how many streams may wait to be accepted.
	Backlog int
	// KeepAlive is how often a silent peer is pinged; 0: never.
	KeepAlive time.Duration
	// WriteTimeout is how long a write, or the answer to a ping, may take.
	WriteTimeout time.Duration
	// CloseTimeout is when a hashicorp stream that was closed is reset, if the peer has not ended it by then.
	CloseTimeout time.Duration
	// Log gets the library's own log.
	Log io.Writer
}

// DefaultConfig is what the libraries do by themselves, but for pings, which are off.
func DefaultConfig() Config {
	return Config{
		Library:      Hashicorp,
		Window:       256 << 10,
		Backlog:      256,
		WriteTimeout: 10 * time.Second,
		CloseTimeout: 5 * time.Minute,
		Log:          io.Discard,
	}
}

// Session is one end of a yamux session.
type Session interface {
	Open(ctx context.Context) (Stream, error)
	// Accept waits for a stream of the peer's. Its error is why the session ended.
	Accept() (Stream, error)
	Ping() (time.Duration, error)
	// GoAway refuses further streams and leaves the session as it is.
	GoAway() error
	// CloseWithCode ends the session; libp2p tells the peer why.
	CloseWithCode(code uint32) error
	Close() error
	// Done is closed when the session has ended.
	Done() <-chan struct{}
	// Streams is how many are open.
	Streams() int
}

// Stream is one end of a stream.
type Stream interface {
	io.ReadWriter
	ID() uint32
	// CloseWrite says that nothing more will be written.
	CloseWrite() error
	// Reset ends both directions. hashicorp has no such call: there the end of writing is said at once, and the reset follows after
	// the close timeout, unless the peer has ended the stream by then.
	Reset() error
}

// New begins a session on a connection.
func New(conn net.Conn, config Config) (Session, error) {
	switch config.Library {
	case Hashicorp:
		return newHashicorp(conn, config)
	case Libp2p:
		return newLibp2p(conn, config)
	default:
		return nil, fmt.Errorf("library %q: expected %s or %s", config.Library, Hashicorp, Libp2p)
	}
}

// IsReset tells whether an error of a stream means that the peer reset it.
func IsReset(err error) bool {
	return errors.Is(err, hashicorp.ErrConnectionReset) || errors.Is(err, libp2p.ErrStreamReset)
}

// IsKeepAliveTimeout tells whether a session ended because the peer did not answer pings.
func IsKeepAliveTimeout(err error) bool {
	return errors.Is(err, hashicorp.ErrKeepAliveTimeout) || errors.Is(err, libp2p.ErrKeepAliveTimeout)
}
