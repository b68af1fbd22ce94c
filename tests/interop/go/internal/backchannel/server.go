package backchannel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/hashicorp/yamux"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
)

// ErrNonMultiplexed says that the client of a call cannot be called back.
var ErrNonMultiplexed = errors.New("non-multiplexed connection")

// ID names a client for as long as it is connected.
type ID uint64

// Registry knows the connections back to the clients.
type Registry struct {
	mutex sync.Mutex
	last  ID
	conns map[ID]*grpc.ClientConn
}

// NewRegistry makes an empty one.
func NewRegistry() *Registry { return &Registry{conns: map[ID]*grpc.ClientConn{}} }

// Backchannel returns the connection back to a client.
func (r *Registry) Backchannel(id ID) (*grpc.ClientConn, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	conn := r.conns[id]
	if conn == nil {
		return nil, fmt.Errorf("no backchannel for peer %d", id)
	}
	return conn, nil
}

func (r *Registry) register(conn *grpc.ClientConn) ID {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.last++
	r.conns[r.last] = conn
	return r.last
}

func (r *Registry) remove(id ID) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.conns, id)
}

// authInfo is how a method learns on whose connection it was called.
type authInfo struct {
	credentials.AuthInfo
	id      ID
	session *yamux.Session
}

func info(ctx context.Context) (authInfo, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return authInfo{}, errors.New("no peer info in context")
	}
	found, ok := p.AuthInfo.(authInfo)
	if !ok {
		return authInfo{}, ErrNonMultiplexed
	}
	return found, nil
}

// PeerID returns who called the method that the context belongs to.
func PeerID(ctx context.Context) (ID, error) {
	found, err := info(ctx)
	return found.id, err
}

// Session returns the session on which the method was called.
func Session(ctx context.Context) (*yamux.Session, error) {
	found, err := info(ctx)
	return found.session, err
}

// ServerHandshaker is the server's side, for listenmux.
type ServerHandshaker struct {
	registry *Registry
	config   Config
}

// NewServerHandshaker makes one that registers its clients.
func NewServerHandshaker(registry *Registry, config Config) ServerHandshaker {
	return ServerHandshaker{registry, config}
}

// Magic is the backchannel's.
func (s ServerHandshaker) Magic() string { return Magic }

// Handshake returns the session's first stream as the connection. On failure gRPC closes the connection.
func (s ServerHandshaker) Handshake(conn net.Conn, inner credentials.AuthInfo) (net.Conn, credentials.AuthInfo, error) {
	session, err := yamux.Server(conn, s.config.yamux())
	if err != nil {
		return nil, nil, fmt.Errorf("create multiplexing session: %w", err)
	}
	stream, err := session.Accept()
	if err != nil {
		return nil, nil, fmt.Errorf("accept client's stream: %w", err)
	}
	back, err := grpc.NewClient(
		"passthrough:multiplexed/"+conn.RemoteAddr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), // the session is within what encrypts, if anything does
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return session.Open() }),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("dial backchannel: %w", err)
	}
	id := s.registry.register(back)
	return &serverConn{stream, sync.OnceValue(func() error {
		s.registry.remove(id)
		return errors.Join(back.Close(), session.Close())
	})}, authInfo{inner, id, session}, nil
}

type serverConn struct {
	net.Conn
	close func() error
}

func (s *serverConn) Close() error { return s.close() }
