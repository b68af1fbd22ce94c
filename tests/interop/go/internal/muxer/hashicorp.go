package muxer

import (
	"context"
	"fmt"
	"net"

	"github.com/hashicorp/yamux"
)

type hashicorpSession struct{ *yamux.Session }

type hashicorpStream struct{ *yamux.Stream }

func newHashicorp(conn net.Conn, config Config) (Session, error) {
	settings := yamux.DefaultConfig()
	settings.AcceptBacklog = config.Backlog
	settings.EnableKeepAlive = config.KeepAlive > 0
	if settings.EnableKeepAlive {
		settings.KeepAliveInterval = config.KeepAlive
	}
	settings.ConnectionWriteTimeout = config.WriteTimeout
	settings.MaxStreamWindowSize = config.Window
	settings.StreamCloseTimeout = config.CloseTimeout
	settings.LogOutput = config.Log
	begin := yamux.Server
	if config.Client {
		begin = yamux.Client
	}
	session, err := begin(conn, settings)
	if err != nil {
		return nil, err
	}
	return hashicorpSession{session}, nil
}

func (s hashicorpSession) Open(context.Context) (Stream, error) {
	stream, err := s.OpenStream()
	if err != nil {
		return nil, err
	}
	return hashicorpStream{stream}, nil
}

func (s hashicorpSession) Accept() (Stream, error) {
	stream, err := s.AcceptStream()
	if err != nil {
		return nil, err
	}
	return hashicorpStream{stream}, nil
}

func (s hashicorpSession) CloseWithCode(code uint32) error {
	if code != 0 {
		return fmt.Errorf("hashicorp/yamux cannot say code %d", code)
	}
	return s.Close()
}

func (s hashicorpSession) Done() <-chan struct{} { return s.CloseChan() }

func (s hashicorpSession) Streams() int { return s.NumStreams() }

func (s hashicorpStream) ID() uint32 { return s.StreamID() }

// Close of this library ends writing only.
func (s hashicorpStream) CloseWrite() error { return s.Close() }

func (s hashicorpStream) Reset() error { return s.Close() }
