package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
)

// pieceBytes is how much is written at once.
const pieceBytes = 64 << 10

// summed counts and digests what passes.
type summed struct {
	digest hash.Hash
	count  int64
}

func newSummed() *summed { return &summed{digest: sha256.New()} }

func (s *summed) Write(p []byte) (int, error) {
	s.count += int64(len(p))
	return s.digest.Write(p)
}

func (s *summed) sha256() string { return hex.EncodeToString(s.digest.Sum(nil)) }

// random is a source of bytes that no two streams have in common.
func random() io.Reader {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(rand.Uint32())
	}
	return rand.NewChaCha8(seed)
}

// send writes so many random bytes.
func send(to io.Writer, count int64) (*summed, error) {
	sum := newSummed()
	_, err := io.CopyBuffer(onlyWriter{to}, io.TeeReader(io.LimitReader(random(), count), sum), make([]byte, pieceBytes))
	return sum, err
}

// receive reads so many bytes, or fails.
func receive(from io.Reader, count int64) (*summed, error) {
	sum := newSummed()
	_, err := io.CopyBuffer(onlyWriter{sum}, io.LimitReader(from, count), make([]byte, pieceBytes))
	if err == nil && sum.count < count {
		err = io.ErrUnexpectedEOF
	}
	return sum, err
}

// drain reads to the end.
func drain(from io.Reader) (*summed, error) {
	sum := newSummed()
	_, err := io.CopyBuffer(onlyWriter{sum}, from, make([]byte, pieceBytes))
	return sum, err
}

// onlyWriter hides ReadFrom, so that io.CopyBuffer uses the buffer it is given.
type onlyWriter struct{ io.Writer }

// maxLineBytes is the longest line, its end included.
const maxLineBytes = 256

// readLine reads a line and not a byte more. The end of the stream before the first byte is io.EOF.
func readLine(from io.Reader) (string, error) {
	line := make([]byte, 0, maxLineBytes)
	for len(line) < maxLineBytes {
		end := len(line)
		line = line[:end+1]
		if _, err := io.ReadFull(from, line[end:]); err != nil {
			if end > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		if line[end] == '\n' {
			return string(line[:end]), nil
		}
	}
	return "", fmt.Errorf("a line of more than %d bytes", maxLineBytes)
}

// expectEnd reads once more and accepts only the end.
func expectEnd(from io.Reader) error {
	n, err := from.Read(make([]byte, 1))
	if n > 0 {
		return errors.New("more bytes than expected")
	}
	if err != io.EOF {
		return fmt.Errorf("instead of the end: %w", err)
	}
	return nil
}
