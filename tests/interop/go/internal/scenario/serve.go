// Package scenario tries a yamux session out. Whoever opens a stream says in its first line what is to happen on it; the README has the
// lines. serve.go is the accepting side, run.go the opening one.
package scenario

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"dev.sluice/interop/internal/muxer"
	"dev.sluice/interop/internal/report"
)

// acceptor serves the streams that the peer opens.
type acceptor struct {
	session muxer.Session
	conn    *Freezable
	print   func(report.Finding)
}

// Serve serves the scenarios of the peer until the session ends, and returns why it did.
func Serve(session muxer.Session, conn *Freezable, print func(report.Finding)) error {
	a := acceptor{session, conn, print}
	for {
		stream, err := session.Accept()
		if err != nil {
			return err
		}
		go a.serve(stream)
	}
}

func (a acceptor) serve(stream muxer.Stream) {
	line, err := readLine(stream)
	if err == nil {
		err = a.perform(line, stream)
	} else if err == io.EOF { // opened and ended: a scenario, too
		err = stream.CloseWrite()
	}
	if err != nil {
		a.print(report.Finding{"scenario": line, "stream": stream.ID(), "error": err.Error()})
		_ = stream.Reset()
	}
}

func (a acceptor) perform(line string, stream muxer.Stream) error {
	name, numbers, err := parse(line)
	if err != nil {
		return err
	}
	switch {
	case name == "echo" && len(numbers) == 0:
		return echo(stream)
	case name == "digest" && len(numbers) == 0:
		return answerDigest(stream)
	case name == "sink" && len(numbers) == 0:
		return sink(stream)
	case name == "bulk" && len(numbers) == 2:
		return answerBulk(stream, numbers[0], numbers[1])
	case name == "reset" && len(numbers) == 1:
		if _, err := receive(stream, numbers[0]); err != nil {
			return err
		}
		return stream.Reset()
	case name == "await-reset" && len(numbers) == 0:
		a.awaitReset(stream)
		return nil
	case name == "goaway" && len(numbers) == 0:
		return a.goAway(stream)
	case name == "close" && len(numbers) == 1:
		return a.session.CloseWithCode(uint32(numbers[0]))
	case name == "freeze" && len(numbers) == 0:
		a.conn.Freeze()
		return nil
	default:
		return fmt.Errorf("unknown scenario %q", line)
	}
}

func parse(line string) (name string, numbers []int64, err error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", nil, errors.New("a line without a scenario")
	}
	for _, word := range words[1:] {
		number, err := strconv.ParseInt(word, 10, 64)
		if err != nil || number < 0 {
			return "", nil, fmt.Errorf("scenario %q: %q is no number of 0 or more", line, word)
		}
		numbers = append(numbers, number)
	}
	return words[0], numbers, nil
}

func echo(stream muxer.Stream) error {
	if _, err := io.CopyBuffer(onlyWriter{stream}, stream, make([]byte, pieceBytes)); err != nil {
		return err
	}
	return stream.CloseWrite()
}

func answerDigest(stream muxer.Stream) error {
	sum, err := drain(stream)
	if err != nil {
		return err
	}
	return lastLine(stream, fmt.Sprintf("%s %d", sum.sha256(), sum.count))
}

func sink(stream muxer.Stream) error {
	count, err := io.CopyBuffer(onlyWriter{io.Discard}, stream, make([]byte, pieceBytes))
	if err != nil {
		return err
	}
	return lastLine(stream, strconv.FormatInt(count, 10))
}

func answerBulk(stream muxer.Stream, up, down int64) error {
	type result struct {
		sum *summed
		err error
	}
	sent := make(chan result, 1)
	go func() {
		sum, err := send(stream, down)
		sent <- result{sum, err}
	}()
	received, err := drain(stream)
	ours := <-sent
	if err := errors.Join(err, ours.err); err != nil {
		return err
	}
	if received.count != up {
		return fmt.Errorf("%d bytes came, not %d", received.count, up)
	}
	return lastLine(stream, ours.sum.sha256()+" "+received.sha256())
}

// awaitReset reads and writes until each fails, and tells how.
func (a acceptor) awaitReset(stream muxer.Stream) {
	received, err := drain(stream)
	finding := report.Finding{"scenario": "await-reset", "stream": stream.ID(), "bytes": received.count, "read": outcome(err)}
	piece := make([]byte, pieceBytes)
	for err = nil; err == nil; {
		_, err = stream.Write(piece)
	}
	finding["write"] = outcome(err)
	a.print(finding)
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "end"
	case muxer.IsReset(err):
		return "reset"
	default:
		return err.Error()
	}
}

func (a acceptor) goAway(stream muxer.Stream) error {
	if err := a.session.GoAway(); err != nil {
		return err
	}
	return lastLine(stream, "going")
}

func lastLine(stream muxer.Stream, line string) error {
	if _, err := io.WriteString(stream, line+"\n"); err != nil {
		return err
	}
	return stream.CloseWrite()
}
