package streamrpc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"google.golang.org/protobuf/proto"
)

// handshakeTimeout is what dialling, request and answer may take together.
const handshakeTimeout = 10 * time.Second

// Rejected is the server's answer to a call that it does not accept. Its text is the server's.
type Rejected struct{ Text string }

func (r *Rejected) Error() string { return r.Text }

// Call calls a method and runs the stream that the server accepts.
func Call(
	ctx context.Context,
	dial func(context.Context) (net.Conn, error),
	method string,
	message proto.Message,
	metadata map[string][]string,
	stream func(net.Conn) error,
) error {
	marshalled, err := proto.Marshal(message)
	if err != nil {
		return fmt.Errorf("streamrpc client: marshal outgoing protobuf message: %w", err)
	}
	payload, err := json.Marshal(request{method, marshalled, metadata})
	if err != nil {
		return fmt.Errorf("streamrpc client: marshal request json: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	conn, err := dial(ctx)
	if err != nil {
		return fmt.Errorf("streamrpc client: dial: %w", err)
	}
	defer conn.Close()
	if err := shakeHands(ctx, conn, payload); err != nil {
		return err
	}
	if err := stream(conn); err != nil {
		return err
	}
	return conn.Close()
}

func shakeHands(ctx context.Context, conn net.Conn, payload []byte) error {
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	_, err := io.WriteString(conn, Magic)
	if err == nil {
		err = writeFrame(conn, payload)
	}
	if err != nil {
		return fmt.Errorf("streamrpc client: send handshake: %w", err)
	}
	answer, err := readFrame(conn)
	if err != nil {
		return fmt.Errorf("streamrpc client: receive handshake: %w", err)
	}
	if len(answer) > 0 {
		var rejection response
		if err := json.Unmarshal(answer, &rejection); err != nil {
			return fmt.Errorf("streamrpc client: unmarshal handshake response: %w", err)
		}
		return &Rejected{rejection.Error}
	}
	return conn.SetDeadline(time.Time{})
}
