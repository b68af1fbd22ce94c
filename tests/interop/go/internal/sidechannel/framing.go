package sidechannel

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

const (
	prefixBytes     = 4
	maxPacketBytes  = 65520
	maxPayloadBytes = maxPacketBytes - prefixBytes
)

// ClientConn is the client's end. What it writes goes in packets, so that it can say an end and still read.
type ClientConn struct {
	net.Conn
	ended bool
}

// Write writes packets.
func (c *ClientConn) Write(p []byte) (int, error) {
	if c.ended {
		return 0, errors.New("sidechannel: write into a half-closed connection")
	}
	written := 0
	for written < len(p) {
		payload := p[written:min(len(p), written+maxPayloadBytes)]
		buffers := net.Buffers{fmt.Appendf(nil, "%04x", prefixBytes+len(payload)), payload}
		if _, err := buffers.WriteTo(c.Conn); err != nil {
			return written, err
		}
		written += len(payload)
	}
	return written, nil
}

// CloseWrite says the end. A second time it does nothing.
func (c *ClientConn) CloseWrite() error {
	if c.ended {
		return nil
	}
	c.ended = true
	_, err := io.WriteString(c.Conn, "0000")
	return err
}

// ServerConn is the server's end. It reads what is in the client's packets; what it writes goes as it is.
type ServerConn struct {
	net.Conn
	left  int // of the current packet's payload
	ended bool
}

// Read reads payload; io.EOF is the end that the client said.
func (s *ServerConn) Read(p []byte) (int, error) {
	for s.left == 0 {
		if s.ended {
			return 0, io.EOF
		}
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n, err := s.Conn.Read(p[:min(len(p), s.left)])
	s.left -= n
	return n, unexpected(err)
}

// next reads the prefix of a packet.
func (s *ServerConn) next() error {
	prefix := make([]byte, prefixBytes)
	if n, err := io.ReadFull(s.Conn, prefix); err != nil {
		if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("pktLineSplitter: incomplete length prefix on %q", prefix[:n])
		}
		return unexpected(err)
	}
	length, err := strconv.ParseUint(string(prefix), 16, 16)
	switch {
	case err != nil:
		return fmt.Errorf("pktLineSplitter: decode length: %w", err)
	case length == 0:
		s.ended = true
	case length < prefixBytes:
		return fmt.Errorf("sidechannel: invalid header %d", length)
	case length > maxPacketBytes:
		return fmt.Errorf("sidechannel: packet of %d bytes, expected %d at most", length, maxPacketBytes)
	default:
		s.left = int(length) - prefixBytes
	}
	return nil
}

// unexpected is what an end is that the client did not say.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
