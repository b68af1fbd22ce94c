// Package service has the methods of the interoperability tests. The README describes them as a .proto file would.
package service

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// message is a pointer to a message.
type message[M any] interface {
	*M
	proto.Message
}

// unary describes a method without generated code.
func unary[M any, Request message[M]](name string, serve func(context.Context, Request) (proto.Message, error)) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			request := Request(new(M))
			if err := decode(request); err != nil {
				return nil, err
			}
			return serve(ctx, request)
		},
	}
}
