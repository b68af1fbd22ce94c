package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"dev.sluice/interop/internal/address"
	"dev.sluice/interop/internal/backchannel"
	"dev.sluice/interop/internal/listenmux"
	"dev.sluice/interop/internal/report"
	"dev.sluice/interop/internal/service"
	"dev.sluice/interop/internal/sidechannel"
)

func (c caller) connect(credentials credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:"+c.address, grpc.WithTransportCredentials(credentials),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return address.Dial(ctx, c.address) }))
}

func (c caller) plain() (*grpc.ClientConn, error) { return c.connect(insecure.NewCredentials()) }

// multiplexed connects as a client that can be called back, which votes by its name and takes sidechannels.
func (c caller) multiplexed(name string, registry *sidechannel.Registry) (*grpc.ClientConn, error) {
	back, err := listenmux.New(insecure.NewCredentials(), sidechannel.Handshaker{Registry: registry})
	if err != nil {
		return nil, err
	}
	newServer := func() *grpc.Server {
		server := grpc.NewServer(grpc.Creds(back))
		server.RegisterService(service.Votes(name), nil)
		return server
	}
	return c.connect(backchannel.NewClientCredentials(insecure.NewCredentials(), newServer, c.config))
}

// health asks over a plain connection and over one that can be called back.
func (c caller) health(ctx context.Context, name string) (report.Finding, error) {
	finding := report.Finding{}
	return finding, c.eitherWay("health", func(conn *grpc.ClientConn) error {
		answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: name})
		if err != nil {
			return err
		}
		status := answer.Status.String()
		if before, asked := finding["status"]; asked && before != status {
			return fmt.Errorf("%s over a plain connection, %s over the other", before, status)
		}
		finding["status"] = status
		return nil
	})
}

// echo sends as many bytes over a plain connection and over one that can be called back.
func (c caller) echo(ctx context.Context, count string) (report.Finding, error) {
	payload, err := randomBytes(count)
	if err != nil {
		return nil, err
	}
	return report.Finding{}, c.eitherWay("echo", func(conn *grpc.ClientConn) error {
		answer := &wrapperspb.BytesValue{}
		if err := conn.Invoke(ctx, service.Echo, wrapperspb.Bytes(payload), answer); err != nil {
			return err
		}
		if !bytes.Equal(answer.Value, payload) {
			return errors.New("the bytes came back changed")
		}
		return nil
	})
}

// eitherWay makes calls over a plain connection, and then over one that can be called back.
func (c caller) eitherWay(name string, calls func(*grpc.ClientConn) error) error {
	plain, err := c.plain()
	if err != nil {
		return err
	}
	defer plain.Close()
	multiplexed, err := c.multiplexed(name, sidechannel.NewRegistry())
	if err != nil {
		return err
	}
	defer multiplexed.Close()
	for _, conn := range []*grpc.ClientConn{plain, multiplexed} {
		if err := calls(conn); err != nil {
			return err
		}
	}
	return nil
}

func randomBytes(count string) ([]byte, error) {
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("%q is no number of bytes", count)
	}
	payload := make([]byte, n)
	_, err = rand.Read(payload)
	return payload, err
}

// backchannel has many clients at once, each of which makes some calls and is called back in each, or cannot be. The argument is how
// many can, how many cannot, and how many calls each makes.
func (c caller) backchannel(ctx context.Context, argument string) (report.Finding, error) {
	var multiplexed, plain, calls int
	if _, err := fmt.Sscanf(argument, "%d %d %d", &multiplexed, &plain, &calls); err != nil {
		return nil, err
	}
	failures := make(chan error, multiplexed+plain)
	var clients sync.WaitGroup
	for i := range multiplexed {
		clients.Go(func() { failures <- c.votingClient(ctx, fmt.Sprintf("client %d", i), calls) })
	}
	for range plain {
		clients.Go(func() { failures <- c.plainClient(ctx, calls) })
	}
	clients.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return report.Finding{"calls": (multiplexed + plain) * calls, "votes": multiplexed * calls}, nil
}

func (c caller) votingClient(ctx context.Context, name string, calls int) error {
	conn, err := c.multiplexed(name, sidechannel.NewRegistry())
	if err != nil {
		return err
	}
	return callsBack(ctx, conn, calls, func(question string) string { return service.VoteOf(name, question) })
}

func (c caller) plainClient(ctx context.Context, calls int) error {
	conn, err := c.plain()
	if err != nil {
		return err
	}
	return callsBack(ctx, conn, calls, func(string) string { return backchannel.ErrNonMultiplexed.Error() })
}

// callsBack makes calls at the same time and compares what each brings.
func callsBack(ctx context.Context, conn *grpc.ClientConn, calls int, expected func(question string) string) error {
	defer conn.Close()
	failures := make(chan error, calls)
	for i := range calls {
		go func() {
			question := fmt.Sprintf("question %d", i)
			answer := &wrapperspb.StringValue{}
			err := conn.Invoke(ctx, service.CallBack, wrapperspb.String(question), answer)
			if err == nil && answer.Value != expected(question) {
				err = fmt.Errorf("the answer is %q, not %q", answer.Value, expected(question))
			}
			failures <- err
		}()
	}
	var all error
	for range calls {
		all = errors.Join(all, <-failures)
	}
	return all
}

// garbage says the backchannel's magic and then twelve bytes that are no frame's header, and reads to the end of the connection.
func (c caller) garbage(ctx context.Context, _ string) (report.Finding, error) {
	conn, err := address.Dial(ctx, c.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline() // a scenario has one
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, backchannel.Magic+"no header..."); err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(conn)
	return report.Finding{"answer": fmt.Sprintf("%x", answer)}, err
}

// withSidechannel makes a call, and runs what is to happen on its sidechannel. It returns the call's error and that of the sidechannel.
func (c caller) withSidechannel(
	ctx context.Context, method string, request, answer proto.Message, run func(*sidechannel.ClientConn) error,
) (callError, waiterError, err error) {
	registry := sidechannel.NewRegistry()
	conn, err := c.multiplexed("sidechannel", registry)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	ctx, waiter := registry.Register(ctx, run)
	callError = conn.Invoke(ctx, method, request, answer)
	return callError, waiter.Close(), nil
}

func (c caller) sidechannelDigest(ctx context.Context, count string) (report.Finding, error) {
	payload, err := randomBytes(count)
	if err != nil {
		return nil, err
	}
	expected := fmt.Sprintf("%x %d", sha256.Sum256(payload), len(payload))
	answer := &wrapperspb.StringValue{}
	err = errors.Join(c.withSidechannel(ctx, service.SidechannelDigest, &emptypb.Empty{}, answer, func(conn *sidechannel.ClientConn) error {
		if _, err := conn.Write(payload); err != nil {
			return err
		}
		if err := conn.CloseWrite(); err != nil {
			return err
		}
		text, err := io.ReadAll(conn)
		if err == nil && string(text) != expected {
			err = fmt.Errorf("the server got %q, not %q", text, expected)
		}
		return err
	}))
	if err == nil && answer.Value != expected {
		err = fmt.Errorf("the server answered %q, not %q", answer.Value, expected)
	}
	return report.Finding{}, err
}

func (c caller) sidechannelEcho(ctx context.Context, count string) (report.Finding, error) {
	payload, err := randomBytes(count)
	if err != nil {
		return nil, err
	}
	return report.Finding{}, errors.Join(
		c.withSidechannel(ctx, service.SidechannelEcho, &emptypb.Empty{}, &emptypb.Empty{}, func(conn *sidechannel.ClientConn) error {
			sent := make(chan error, 1)
			go func() {
				_, err := conn.Write(payload)
				sent <- errors.Join(err, conn.CloseWrite())
			}()
			echoed, err := io.ReadAll(conn)
			if err := errors.Join(err, <-sent); err != nil {
				return err
			}
			if !bytes.Equal(echoed, payload) {
				return fmt.Errorf("%d bytes came back of %d, or others", len(echoed), len(payload))
			}
			return nil
		}))
}

func (c caller) sidechannelUnused(ctx context.Context, _ string) (report.Finding, error) {
	callError, waiterError, err := c.withSidechannel(
		ctx, service.SidechannelUnused, &emptypb.Empty{}, &emptypb.Empty{}, func(*sidechannel.ClientConn) error { return nil })
	if err := errors.Join(callError, err); err != nil {
		return nil, err
	}
	if !errors.Is(waiterError, sidechannel.ErrNotRun) {
		return nil, fmt.Errorf("a sidechannel was opened: %w", waiterError)
	}
	return report.Finding{"waiter": waiterError.Error()}, nil
}

func (c caller) sidechannelFail(ctx context.Context, text string) (report.Finding, error) {
	callError, waiterError, err := c.withSidechannel(
		ctx, service.SidechannelFail, wrapperspb.String(text), &emptypb.Empty{}, func(conn *sidechannel.ClientConn) error {
			_, err := io.Copy(io.Discard, conn)
			return err
		})
	if err := errors.Join(waiterError, err); err != nil {
		return nil, err
	}
	if callError == nil {
		return nil, errors.New("the call did not fail")
	}
	return report.Finding{"code": status.Code(callError).String(), "text": status.Convert(callError).Message()}, nil
}
