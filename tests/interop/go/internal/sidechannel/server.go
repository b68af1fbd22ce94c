// Package sidechannel lets the server of an RPC open a byte stream to the client while the RPC runs, on the connection of the backchannel.
package sidechannel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"

	"dev.sluice/interop/internal/backchannel"
)

const (
	// Magic is what the server says first on the stream.
	Magic = "sidechannel"
	// metadataKey is how a client says with which id it waits.
	metadataKey = "gitaly-sidechannel-id"

	confirmation     = "ok"
	handshakeTimeout = 5 * time.Second
)

// Open opens a stream to the client of the RPC that the context belongs to.
func Open(ctx context.Context) (*ServerConn, error) {
	id, err := clientsID(ctx)
	if err != nil {
		return nil, err
	}
	session, err := backchannel.Session(ctx)
	if err != nil {
		return nil, fmt.Errorf("sidechannel: fail to extract yamux session: %w", err)
	}
	stream, err := session.Open()
	if err != nil {
		return nil, fmt.Errorf("sidechannel: open stream: %w", err)
	}
	if err := shakeHands(stream, id); err != nil {
		stream.Close()
		return nil, err
	}
	return &ServerConn{Conn: stream}, nil
}

func clientsID(ctx context.Context) (int64, error) {
	incoming, ok := metadata.FromIncomingContext(ctx)
	if !ok {
		return 0, errors.New("sidechannel: failed to extract incoming metadata")
	}
	ids := incoming.Get(metadataKey)
	if len(ids) == 0 {
		return 0, errors.New("sidechannel: sidechannel-id not found in incoming metadata")
	}
	// A proxy adds its own one behind the client's.
	return strconv.ParseInt(ids[len(ids)-1], 10, 64)
}

type deadlined interface {
	io.ReadWriter
	SetDeadline(time.Time) error
}

func shakeHands(stream deadlined, id int64) error {
	if err := stream.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(stream, Magic); err != nil {
		return fmt.Errorf("sidechannel: write magic bytes: %w", err)
	}
	if err := binary.Write(stream, binary.BigEndian, id); err != nil {
		return fmt.Errorf("sidechannel: write stream id: %w", err)
	}
	answer := make([]byte, len(confirmation))
	if _, err := io.ReadFull(stream, answer); err != nil {
		return fmt.Errorf("sidechannel: receive confirmation: %w", err)
	}
	if string(answer) != confirmation {
		return fmt.Errorf("sidechannel: expected ok, got %q", answer)
	}
	return stream.SetDeadline(time.Time{})
}
