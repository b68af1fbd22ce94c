// Package streamrpc speaks StreamRPC 00: a handshake of two frames that is an RPC, and then the connection itself.
package streamrpc

import (
	"encoding/binary"
	"errors"
	"io"
)

const (
	// Magic is what a client says first on a port that has more protocols.
	Magic = "streamrpc00"
	// maxFrameBytes is the longest payload of a frame.
	maxFrameBytes = 1<<20 - 1
)

var errFrameTooLarge = errors.New("frame too large")

type request struct {
	Method   string
	Message  []byte
	Metadata map[string][]string
}

type response struct{ Error string }

func writeFrame(to io.Writer, payload []byte) error {
	if len(payload) > maxFrameBytes {
		return errFrameTooLarge
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(payload)), uint32(len(payload)))
	_, err := to.Write(append(frame, payload...))
	return err
}

func readFrame(from io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(from, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	if length > maxFrameBytes {
		return nil, errFrameTooLarge
	}
	payload := make([]byte, length)
	_, err := io.ReadFull(from, payload)
	return payload, err
}
