package muxer

import (
	"context"
	"net"

	"github.com/libp2p/go-yamux/v5"
)

type libp2pSession struct{ *yamux.Session }

type libp2pStream struct{ *yamux.Stream }

func newLibp2p(conn net.Conn, config Config) (Session, error) {
	settings := yamux.DefaultConfig()
	settings.AcceptBacklog = config.Backlog
	settings.EnableKeepAlive = config.KeepAlive > 0
	if settings.EnableKeepAlive {
		settings.KeepAliveInterval = config.KeepAlive
	}
	settings.ConnectionWriteTimeout = config.WriteTimeout
	// No tuning: a figure for a window is one for that window.
	settings.InitialStreamWindowSize = config.Window
	settings.MaxStreamWindowSize = config.Window
	settings.LogOutput = config.Log
	begin := yamux.Server
	if config.Client {
		begin = yamux.Client
	}
	session, err := begin(conn, settings, nil)
	if err != nil {
		return nil, err
	}
	return libp2pSession{session}, nil
}

func (s libp2pSession) Open(ctx context.Context) (Stream, error) {
	stream, err := s.OpenStream(ctx)
	if err != nil {
		return nil, err
	}
	return libp2pStream{stream}, nil
}

func (s libp2pSession) Accept() (Stream, error) {
	stream, err := s.AcceptStream()
	if err != nil {
		return nil, err
	}
	return libp2pStream{stream}, nil
}

func (s libp2pSession) CloseWithCode(code uint32) error { return s.CloseWithError(code) }

func (s libp2pSession) Done() <-chan struct{} { return s.CloseChan() }

func (s libp2pSession) Streams() int { return s.NumStreams() }

func (s libp2pStream) ID() uint32 { return s.StreamID() }
