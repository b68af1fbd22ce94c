package sidechannel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

// ErrNotRun says that the server did not open a sidechannel, which it need not.
var ErrNotRun = errors.New("sidechannel: callback de-registered without having run")

// Registry knows who waits for a sidechannel.
type Registry struct {
	mutex   sync.Mutex
	next    int64
	waiters map[int64]*Waiter
}

// NewRegistry makes an empty one.
func NewRegistry() *Registry { return &Registry{waiters: map[int64]*Waiter{}} }

// Register has run called with the sidechannel of the RPC that is made with the returned context.
func (r *Registry) Register(ctx context.Context, run func(*ClientConn) error) (context.Context, *Waiter) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	w := &Waiter{registry: r, id: r.next, run: run, done: make(chan struct{})}
	r.next++
	r.waiters[w.id] = w
	return metadata.AppendToOutgoingContext(ctx, metadataKey, strconv.FormatInt(w.id, 10)), w
}

// take removes a waiter, which therefore has one connection at most.
func (r *Registry) take(id int64) *Waiter {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	w := r.waiters[id]
	delete(r.waiters, id)
	return w
}

// Waiter waits for one sidechannel.
type Waiter struct {
	registry *Registry
	id       int64
	run      func(*ClientConn) error
	done     chan struct{}
	err      error
}

func (w *Waiter) serve(conn net.Conn) {
	defer close(w.done)
	defer conn.Close()
	w.err = w.confirmAndRun(conn)
}

func (w *Waiter) confirmAndRun(conn net.Conn) error {
	if err := conn.SetWriteDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, confirmation); err != nil {
		return fmt.Errorf("sidechannel: write confirmation: %w", err)
	}
	if err := conn.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	return w.run(&ClientConn{Conn: conn})
}

// Close waits for the end of a sidechannel that was opened, and waits no longer for one that was not. It returns run's error, or
// ErrNotRun.
func (w *Waiter) Close() error {
	if w.registry.take(w.id) != nil {
		w.err = ErrNotRun
		close(w.done)
	}
	<-w.done
	return w.err
}

// Handshaker takes the sidechannels that a server opens, for the listenmux of the client's backchannel server.
type Handshaker struct{ Registry *Registry }

// Magic is the sidechannel's.
func (h Handshaker) Magic() string { return Magic }

// Handshake hands the stream to who waits for it.
func (h Handshaker) Handshake(conn net.Conn, _ credentials.AuthInfo) (net.Conn, credentials.AuthInfo, error) {
	var id int64
	if err := binary.Read(conn, binary.BigEndian, &id); err != nil {
		return nil, nil, fmt.Errorf("sidechannel: fail to extract sidechannel ID: %w", err)
	}
	w := h.Registry.take(id)
	if w == nil {
		return nil, nil, errors.New("sidechannel registry: ID not registered")
	}
	go w.serve(conn)
	return nil, nil, credentials.ErrConnDispatched
}
