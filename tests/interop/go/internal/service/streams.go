package service

import (
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"dev.sluice/interop/internal/streamrpc"
)

// The full names of the StreamRPC methods.
const (
	TestStream     = "/gitaly.TestStreamService/TestStream"
	StreamReject   = "/sluice.interop.StreamService/Reject"
	StreamSilent   = "/sluice.interop.StreamService/Silent"
	StreamMetadata = "/sluice.interop.StreamService/Metadata"
)

// MissingRepository is the relative path of a repository that the server does not have.
const MissingRepository = "missing"

// Streams are the StreamRPC methods that a server offers.
func Streams() streamrpc.Server {
	return streamrpc.Server{
		TestStream:     testStream,
		StreamReject:   reject,
		StreamSilent:   func(*streamrpc.Session) error { return nil },
		StreamMetadata: metadataValues,
	}
}

// testStream sends so many bytes back as the request says, and closes.
func testStream(session *streamrpc.Session) error {
	request, err := ParseTestStreamRequest(session.Message)
	if err != nil {
		return err
	}
	if request.RelativePath == MissingRepository {
		return status.Errorf(codes.NotFound, "GetRepoPath: not a git repository: '%s'", request.RelativePath)
	}
	conn, err := session.Accept()
	if err != nil {
		return err
	}
	_, err = io.CopyN(conn, conn, request.Size)
	return err
}

// reject fails with the text of the request.
func reject(session *streamrpc.Session) error {
	text := &wrapperspb.StringValue{}
	if err := proto.Unmarshal(session.Message, text); err != nil {
		return err
	}
	return errors.New(text.Value)
}

// metadataValues sends the values of a key, a line each.
func metadataValues(session *streamrpc.Session) error {
	key := &wrapperspb.StringValue{}
	if err := proto.Unmarshal(session.Message, key); err != nil {
		return err
	}
	conn, err := session.Accept()
	if err != nil {
		return err
	}
	lines := net.Buffers{}
	for _, value := range session.Metadata[key.Value] {
		lines = append(lines, []byte(value+"\n"))
	}
	_, err = lines.WriteTo(conn)
	return err
}

// TestStreamRequest is gitaly.TestStreamRequest, as far as the echo needs it.
type TestStreamRequest struct {
	RelativePath string
	Size         int64
}

// The fields' numbers, of the request and of the repository in it.
const (
	repositoryField   = 1
	sizeField         = 2
	relativePathField = 3
)

// Marshal returns the serialized request.
func (r TestStreamRequest) Marshal() []byte {
	var repository, request []byte
	if r.RelativePath != "" {
		repository = protowire.AppendTag(repository, relativePathField, protowire.BytesType)
		repository = protowire.AppendString(repository, r.RelativePath)
	}
	request = protowire.AppendTag(request, repositoryField, protowire.BytesType)
	request = protowire.AppendBytes(request, repository)
	request = protowire.AppendTag(request, sizeField, protowire.VarintType)
	return protowire.AppendVarint(request, uint64(r.Size))
}

// ParseTestStreamRequest reads a serialized request.
func ParseTestStreamRequest(serialized []byte) (TestStreamRequest, error) {
	var request TestStreamRequest
	err := eachField(serialized, func(field protowire.Number, value uint64, bytes []byte) error {
		switch field {
		case repositoryField:
			return eachField(bytes, func(field protowire.Number, _ uint64, bytes []byte) error {
				if field == relativePathField {
					request.RelativePath = string(bytes)
				}
				return nil
			})
		case sizeField:
			request.Size = int64(value)
		}
		return nil
	})
	return request, err
}

// eachField calls read for each field, with its value or its bytes, whichever the field has.
func eachField(serialized []byte, read func(field protowire.Number, value uint64, bytes []byte) error) error {
	for len(serialized) > 0 {
		field, kind, n := protowire.ConsumeTag(serialized)
		if n < 0 {
			return fmt.Errorf("TestStreamRequest: %w", protowire.ParseError(n))
		}
		serialized = serialized[n:]
		var value uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(serialized)
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(serialized)
		default:
			n = protowire.ConsumeFieldValue(field, kind, serialized)
		}
		if n < 0 {
			return fmt.Errorf("TestStreamRequest: %w", protowire.ParseError(n))
		}
		if err := read(field, value, bytes); err != nil {
			return err
		}
		serialized = serialized[n:]
	}
	return nil
}
