// Package listenmux lets protocols share a port with gRPC: the first eleven bytes of a connection say which one it is.
package listenmux

import (
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc/credentials"
)

// MagicBytes is how long every magic is.
const MagicBytes = 11

// Handshaker takes the connections over that began with its magic, which it does not see any more. What it returns is what gRPC
// goes on with; with credentials.ErrConnDispatched the connection is the handshaker's.
type Handshaker interface {
	Magic() string
	Handshake(conn net.Conn, info credentials.AuthInfo) (net.Conn, credentials.AuthInfo, error)
}

// Credentials of a server that look at the first bytes once the inner ones have shaken hands.
type Credentials struct {
	credentials.TransportCredentials
	handshakers map[string]Handshaker
}

// New makes credentials that know these handshakers.
func New(inner credentials.TransportCredentials, handshakers ...Handshaker) (*Credentials, error) {
	known := map[string]Handshaker{}
	for _, handshaker := range handshakers {
		magic := handshaker.Magic()
		if len(magic) != MagicBytes || known[magic] != nil {
			return nil, fmt.Errorf("magic %q: expected %d bytes that no other handshaker has", magic, MagicBytes)
		}
		known[magic] = handshaker
	}
	return &Credentials{inner, known}, nil
}

// ServerHandshake reads the magic and hands the connection to whom it names, or to gRPC, with what was read.
func (c *Credentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("wrapped server handshake: %w", err)
	}
	first := make([]byte, MagicBytes)
	n, err := io.ReadFull(conn, first)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, fmt.Errorf("peek network stream: %w", err)
	}
	if handshaker := c.handshakers[string(first[:n])]; handshaker != nil {
		return handshaker.Handshake(conn, info)
	}
	return &unread{conn, first[:n]}, info, nil
}

// Clone returns credentials with the same handshakers.
func (c *Credentials) Clone() credentials.TransportCredentials {
	return &Credentials{c.TransportCredentials.Clone(), c.handshakers}
}

// unread is a connection some of whose bytes were read before.
type unread struct {
	net.Conn
	first []byte
}

func (u *unread) Read(p []byte) (int, error) {
	if len(u.first) == 0 {
		return u.Conn.Read(p)
	}
	n := copy(p, u.first)
	u.first = u.first[n:]
	return n, nil
}
