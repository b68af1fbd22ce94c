package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"dev.sluice/interop/internal/address"
	"dev.sluice/interop/internal/report"
	"dev.sluice/interop/internal/service"
	"dev.sluice/interop/internal/streamrpc"
)

// stream calls a StreamRPC method. A rejection is a finding, too.
func (c caller) stream(
	ctx context.Context, method string, message proto.Message, metadata map[string][]string, run func(net.Conn) error,
) (report.Finding, error) {
	dial := func(ctx context.Context) (net.Conn, error) { return address.Dial(ctx, c.address) }
	err := streamrpc.Call(ctx, dial, method, message, metadata, run)
	var rejected *streamrpc.Rejected
	if errors.As(err, &rejected) {
		return report.Finding{"rejected": rejected.Text}, nil
	}
	return report.Finding{}, err
}

func nothing(net.Conn) error { return nil }

// streamEcho sends and reads at the same time.
func (c caller) streamEcho(ctx context.Context, count string) (report.Finding, error) {
	return c.testStream(ctx, count, "", 0)
}

// streamShort says that it sends more than it does, and gets back what it sent.
func (c caller) streamShort(ctx context.Context, count string) (report.Finding, error) {
	return c.testStream(ctx, count, "", 1)
}

func (c caller) streamMissing(ctx context.Context, _ string) (report.Finding, error) {
	return c.testStream(ctx, "0", service.MissingRepository, 0)
}

func (c caller) testStream(ctx context.Context, count, repository string, missing int) (report.Finding, error) {
	payload, err := randomBytes(count)
	if err != nil {
		return nil, err
	}
	request := service.TestStreamRequest{RelativePath: repository, Size: int64(len(payload) + missing)}
	message := &emptypb.Empty{} // carries fields that it does not know: no generated code is needed
	message.ProtoReflect().SetUnknown(request.Marshal())
	return c.stream(ctx, service.TestStream, message, nil, func(conn net.Conn) error {
		sent := make(chan error, 1)
		go func() {
			_, err := bytes.NewReader(payload).WriteTo(conn) // which, unlike a write, leaves the connection alone if there is nothing
			if err == nil && missing > 0 {
				err = conn.(interface{ CloseWrite() error }).CloseWrite()
			}
			sent <- err
		}()
		echoed, err := io.ReadAll(conn)
		if err := errors.Join(err, <-sent); err != nil {
			return err
		}
		if !bytes.Equal(echoed, payload) {
			return fmt.Errorf("%d bytes came back of %d, or others", len(echoed), len(payload))
		}
		return nil
	})
}

// streamMethod calls a method by its name, with an empty message.
func (c caller) streamMethod(ctx context.Context, method string) (report.Finding, error) {
	return c.stream(ctx, method, &emptypb.Empty{}, nil, nothing)
}

func (c caller) streamReject(ctx context.Context, text string) (report.Finding, error) {
	return c.stream(ctx, service.StreamReject, wrapperspb.String(text), nil, nothing)
}

func (c caller) streamSilent(ctx context.Context, _ string) (report.Finding, error) {
	return c.stream(ctx, service.StreamSilent, &emptypb.Empty{}, nil, nothing)
}

// streamMetadata sends values, which are words, and finds what the server has got.
func (c caller) streamMetadata(ctx context.Context, values string) (report.Finding, error) {
	var got []byte
	metadata := map[string][]string{"key": strings.Fields(values)}
	finding, err := c.stream(ctx, service.StreamMetadata, wrapperspb.String("key"), metadata, func(conn net.Conn) (err error) {
		got, err = io.ReadAll(conn)
		return err
	})
	if err == nil {
		finding["values"] = strings.Fields(string(got))
	}
	return finding, err
}
