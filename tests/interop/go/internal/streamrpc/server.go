package streamrpc

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
)

// Session is a call that waits to be accepted.
type Session struct {
	conn     net.Conn
	accepted bool
	// Message is the serialized request.
	Message []byte
	// Metadata is what the client sent with it.
	Metadata map[string][]string
}

// Accept answers the client and returns the connection, which is the method's until it returns.
func (s *Session) Accept() (net.Conn, error) {
	s.accepted = true
	if err := writeFrame(s.conn, nil); err != nil {
		return nil, fmt.Errorf("accept session: %w", err)
	}
	return s.conn, s.conn.SetDeadline(time.Time{})
}

// Server has the methods, by their full names. The text of an error before Accept is the client's rejection.
type Server map[string]func(*Session) error

// Magic is StreamRPC's.
func (s Server) Magic() string { return Magic }

// Handshake takes the connection from gRPC.
func (s Server) Handshake(conn net.Conn, _ credentials.AuthInfo) (net.Conn, credentials.AuthInfo, error) {
	go func() {
		defer conn.Close()
		if err := s.handle(conn); err != nil {
			log.Printf("streamrpc: handle call: %v", err)
		}
	}()
	return nil, nil, credentials.ErrConnDispatched
}

// handle sets no deadline of its own: gRPC has set one, and may only now be about to clear it, and the other's with it.
func (s Server) handle(conn net.Conn) error {
	payload, err := readFrame(conn)
	if err != nil {
		return fmt.Errorf("receive handshake: %w", err)
	}
	session := &Session{conn: conn}
	err = s.serve(payload, session)
	if err == nil || session.accepted {
		return err
	}
	rejection, err := json.Marshal(response{err.Error()})
	if err != nil {
		return err
	}
	return writeFrame(conn, rejection)
}

func (s Server) serve(payload []byte, session *Session) error {
	var r request
	if err := json.Unmarshal(payload, &r); err != nil {
		return err
	}
	method := s[r.Method]
	if method == nil {
		return fmt.Errorf("method not found: %s", r.Method)
	}
	session.Message, session.Metadata = r.Message, r.Metadata
	return method(session)
}
