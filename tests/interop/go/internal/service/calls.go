package service

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"dev.sluice/interop/internal/backchannel"
	"dev.sluice/interop/internal/sidechannel"
)

// The full names of the methods.
const (
	Echo              = "/sluice.interop.CallService/Echo"
	CallBack          = "/sluice.interop.CallService/CallBack"
	SidechannelDigest = "/sluice.interop.CallService/SidechannelDigest"
	SidechannelEcho   = "/sluice.interop.CallService/SidechannelEcho"
	SidechannelUnused = "/sluice.interop.CallService/SidechannelUnused"
	SidechannelFail   = "/sluice.interop.CallService/SidechannelFail"
	Vote              = "/sluice.interop.VoteService/Vote"
)

// Calls describes what a server offers.
func Calls(registry *backchannel.Registry) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: "sluice.interop.CallService",
		Methods: []grpc.MethodDesc{
			unary("Echo", func(_ context.Context, request *wrapperspb.BytesValue) (proto.Message, error) { return request, nil }),
			unary("CallBack", func(ctx context.Context, request *wrapperspb.StringValue) (proto.Message, error) {
				return callBack(ctx, registry, request)
			}),
			unary("SidechannelDigest", func(ctx context.Context, _ *emptypb.Empty) (proto.Message, error) { return digest(ctx) }),
			unary("SidechannelEcho", func(ctx context.Context, _ *emptypb.Empty) (proto.Message, error) { return echo(ctx) }),
			unary("SidechannelUnused", func(context.Context, *emptypb.Empty) (proto.Message, error) { return &emptypb.Empty{}, nil }),
			unary("SidechannelFail", fail),
		},
	}
}

// Votes describes what a client offers that can be called back. To an empty question it has no answer.
func Votes(name string) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: "sluice.interop.VoteService",
		Methods: []grpc.MethodDesc{
			unary("Vote", func(ctx context.Context, request *wrapperspb.StringValue) (proto.Message, error) {
				if request.Value == "" {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return wrapperspb.String(VoteOf(name, request.Value)), nil
			}),
		},
	}
}

// VoteOf is what a client answers when it is asked to vote.
func VoteOf(name, question string) string { return name + " votes on " + question }

// callBack asks the client for its vote. That a client cannot be asked is an answer, too.
func callBack(ctx context.Context, registry *backchannel.Registry, question *wrapperspb.StringValue) (proto.Message, error) {
	id, err := backchannel.PeerID(ctx)
	if errors.Is(err, backchannel.ErrNonMultiplexed) {
		return wrapperspb.String(err.Error()), nil
	}
	if err != nil {
		return nil, err
	}
	back, err := registry.Backchannel(id)
	if err != nil {
		return nil, err
	}
	vote := &wrapperspb.StringValue{}
	return vote, back.Invoke(ctx, Vote, question, vote)
}

// digest reads to the client's end, and then says on the stream, and in its answer, what it got.
func digest(ctx context.Context) (proto.Message, error) {
	stream, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	sum := sha256.New()
	count, err := io.Copy(sum, stream)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%x %d", sum.Sum(nil), count)
	_, err = io.WriteString(stream, text)
	return wrapperspb.String(text), err
}

// echo sends back what comes, while it comes.
func echo(ctx context.Context) (proto.Message, error) {
	stream, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	_, err = io.Copy(stream, stream)
	return &emptypb.Empty{}, err
}

// fail opens a sidechannel and then fails with the text of the request.
func fail(ctx context.Context, text *wrapperspb.StringValue) (proto.Message, error) {
	stream, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return nil, status.Error(codes.Aborted, text.Value)
}

func open(ctx context.Context) (*sidechannel.ServerConn, error) {
	stream, err := sidechannel.Open(ctx)
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	return stream, nil
}
