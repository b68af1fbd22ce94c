package backchannel

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/yamux"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// ClientCredentials shake hands as the inner ones do, and then make the connection one over which the server can call back.
type ClientCredentials struct {
	credentials.TransportCredentials
	newServer func() *grpc.Server
	config    Config
}

// NewClientCredentials wraps credentials. newServer makes the server that answers the calls back, one for each connection.
func NewClientCredentials(inner credentials.TransportCredentials, newServer func() *grpc.Server, config Config) *ClientCredentials {
	return &ClientCredentials{inner, newServer, config}
}

// ClientHandshake returns the session's first stream as the connection.
func (c *ClientCredentials) ClientHandshake(ctx context.Context, name string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, name, raw)
	if err != nil {
		return nil, nil, err
	}
	multiplexed, err := c.multiplex(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	return multiplexed, info, nil
}

func (c *ClientCredentials) multiplex(ctx context.Context, conn net.Conn) (net.Conn, error) {
	deadline, _ := ctx.Deadline() // none: no deadline
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("serve: set connection deadline: %w", err)
	}
	defer conn.SetDeadline(time.Time{})
	if _, err := io.WriteString(conn, Magic); err != nil {
		return nil, fmt.Errorf("serve: write backchannel magic bytes: %w", err)
	}
	session, err := yamux.Client(conn, c.config.yamux())
	if err != nil {
		return nil, fmt.Errorf("serve: open multiplexing session: %w", err)
	}
	stream, err := session.Open()
	if err != nil {
		session.Close()
		return nil, fmt.Errorf("serve: open client stream: %w", err)
	}
	server := c.newServer()
	served := make(chan error, 1)
	go func() { served <- server.Serve(session) }()
	return &clientConn{stream, sync.OnceValue(func() error {
		server.Stop() // closes the session, and with it the connection
		return <-served
	})}, nil
}

// Clone returns credentials that make servers of the same kind.
func (c *ClientCredentials) Clone() credentials.TransportCredentials {
	return &ClientCredentials{c.TransportCredentials.Clone(), c.newServer, c.config}
}

type clientConn struct {
	net.Conn
	close func() error
}

func (c *clientConn) Close() error { return c.close() }
