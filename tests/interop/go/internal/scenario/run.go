package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"dev.sluice/interop/internal/muxer"
	"dev.sluice/interop/internal/report"
)

// opener performs scenarios on streams that it opens.
type opener struct {
	ctx     context.Context
	session muxer.Session
	// ended is why the session ended, once it has.
	ended func() error
}

// Run performs one scenario and returns what it found. The context bounds it: when it ends, the session is closed. ended waits
// until the session has ended and says why.
func Run(ctx context.Context, session muxer.Session, ended func() error, line string) (report.Finding, error) {
	stop := context.AfterFunc(ctx, func() { session.Close() })
	defer stop()
	began := time.Now()
	finding, err := opener{ctx, session, ended}.perform(line)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w, so: %w", context.Cause(ctx), err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	if finding == nil {
		finding = report.Finding{}
	}
	finding["scenario"] = line
	finding["nanos"] = time.Since(began).Nanoseconds()
	return finding, nil
}

func (o opener) perform(line string) (report.Finding, error) {
	if wait, found := strings.CutPrefix(line, "idle "); found {
		duration, err := time.ParseDuration(wait)
		if err != nil {
			return nil, err
		}
		return nil, o.idle(duration)
	}
	name, numbers, err := parse(line)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "echo" && len(numbers) == 1:
		return nil, o.echo(numbers[0])
	case name == "digest" && len(numbers) == 1:
		return nil, o.digest(numbers[0])
	case name == "bulk" && len(numbers) == 2:
		return nil, o.bulk(numbers[0], numbers[1])
	case name == "streams" && len(numbers) == 1:
		return o.streams(int(numbers[0]))
	case name == "reset" && len(numbers) == 1:
		return nil, o.reset(numbers[0])
	case name == "await-reset" && len(numbers) == 1:
		return nil, o.awaitReset(numbers[0])
	case name == "ping" && len(numbers) == 1:
		return o.ping(int(numbers[0]))
	case name == "goaway" && len(numbers) == 0:
		return o.goAway()
	case name == "close" && len(numbers) == 1:
		return o.close(line)
	case name == "freeze" && len(numbers) == 0:
		return o.freeze()
	default:
		return nil, fmt.Errorf("unknown scenario %q", line)
	}
}

func (o opener) open(line string) (muxer.Stream, error) {
	stream, err := o.session.Open(o.ctx)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if _, err := io.WriteString(stream, line+"\n"); err != nil {
		return nil, fmt.Errorf("write %q: %w", line, err)
	}
	return stream, nil
}

// sending sends so many bytes, and then says the end, while others read.
func sending(stream muxer.Stream, count int64) func() (*summed, error) {
	var sum *summed
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		if sum, err = send(stream, count); err == nil {
			err = stream.CloseWrite()
		}
	}()
	return func() (*summed, error) {
		<-done
		return sum, err
	}
}

func (o opener) echo(count int64) error {
	stream, err := o.open("echo")
	if err != nil {
		return err
	}
	sending := sending(stream, count)
	received, err := drain(stream)
	sent, sendError := sending()
	if err := errors.Join(err, sendError); err != nil {
		return err
	}
	return same("echoed", received, sent)
}

func same(what string, got, expected *summed) error {
	if got.count != expected.count || got.sha256() != expected.sha256() {
		return fmt.Errorf("%s: %d bytes of %s, not %d of %s", what, got.count, got.sha256(), expected.count, expected.sha256())
	}
	return nil
}

func (o opener) digest(count int64) error {
	stream, err := o.open("digest")
	if err != nil {
		return err
	}
	sent, err := send(stream, count)
	if err != nil {
		return err
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	return expectLastLine(stream, fmt.Sprintf("%s %d", sent.sha256(), count))
}

func expectLastLine(stream muxer.Stream, expected string) error {
	line, err := readLine(stream)
	if err != nil {
		return err
	}
	if line != expected {
		return fmt.Errorf("the peer said %q, not %q", line, expected)
	}
	return expectEnd(stream)
}

func (o opener) bulk(up, down int64) error {
	stream, err := o.open(fmt.Sprintf("bulk %d %d", up, down))
	if err != nil {
		return err
	}
	sending := sending(stream, up)
	received, err := receive(stream, down)
	sent, sendError := sending()
	if err := errors.Join(err, sendError); err != nil {
		return err
	}
	return expectLastLine(stream, received.sha256()+" "+sent.sha256())
}

// streams has so many streams open at the same time: none ends before each has echoed.
func (o opener) streams(count int) (report.Finding, error) {
	failures := make(chan error, count)
	var echoed, ended sync.WaitGroup
	echoed.Add(count)
	var most int
	atOnce := sync.OnceFunc(func() { most = o.session.Streams() })
	for range count {
		ended.Go(func() {
			stream, err := o.open("echo")
			if err == nil {
				err = exchange(stream)
			}
			echoed.Done()
			echoed.Wait()
			atOnce()
			if err == nil {
				err = finish(stream)
			}
			failures <- err
		})
	}
	ended.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return nil, err
		}
	}
	if most < count {
		return nil, fmt.Errorf("%d streams were open at once, not %d", most, count)
	}
	return report.Finding{"open": most}, nil
}

// exchange has a few bytes echoed on a stream that stays open.
func exchange(stream muxer.Stream) error {
	sent, err := send(stream, 16)
	if err != nil {
		return err
	}
	received, err := receive(stream, 16)
	if err != nil {
		return err
	}
	return same("exchanged", received, sent)
}

func finish(stream muxer.Stream) error {
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	return expectEnd(stream)
}

// reset lets the peer reset the stream while this side writes.
func (o opener) reset(after int64) error {
	stream, err := o.open(fmt.Sprintf("reset %d", after))
	if err != nil {
		return err
	}
	piece := make([]byte, pieceBytes)
	for err == nil {
		_, err = stream.Write(piece)
	}
	if !muxer.IsReset(err) {
		return fmt.Errorf("instead of a reset: %w", err)
	}
	return o.settle()
}

func (o opener) awaitReset(after int64) error {
	stream, err := o.open("await-reset")
	if err != nil {
		return err
	}
	if _, err := send(stream, after); err != nil {
		return err
	}
	if err := stream.Reset(); err != nil {
		return err
	}
	// To the end, whatever it is: where the reset is late, so is the end.
	_, _ = io.Copy(io.Discard, stream)
	return o.settle()
}

// settle returns when the peer has seen all that was sent until now, and shows that the session is well. Its stream stays open: where
// resets need a short close timeout, ending it on one side would be a race with that.
func (o opener) settle() error {
	if _, err := o.session.Ping(); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	stream, err := o.open("echo")
	if err != nil {
		return err
	}
	return exchange(stream)
}

func (o opener) ping(count int) (report.Finding, error) {
	var times []int64
	for range count {
		rtt, err := o.session.Ping()
		if err != nil {
			return nil, err
		}
		times = append(times, rtt.Nanoseconds())
	}
	if len(times) == 0 {
		return nil, errors.New("no pings")
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	return report.Finding{"count": count, "minNanos": times[0], "medianNanos": times[count/2], "maxNanos": times[count-1]}, nil
}

// idle has a stream say nothing for a time. That the session survives it is keep-alive's doing, or does not depend on it.
func (o opener) idle(duration time.Duration) error {
	stream, err := o.open("echo")
	if err != nil {
		return err
	}
	if err := exchange(stream); err != nil {
		return err
	}
	select {
	case <-time.After(duration):
	case <-o.session.Done():
		return fmt.Errorf("the session ended: %w", o.ended())
	}
	if err := exchange(stream); err != nil {
		return err
	}
	return finish(stream)
}

// goAway tells what becomes of an open stream, and of opening, once the peer has said that it goes away.
func (o opener) goAway() (report.Finding, error) {
	before, err := o.open("echo")
	if err != nil {
		return nil, err
	}
	if err := exchange(before); err != nil {
		return nil, err
	}
	asking, err := o.open("goaway")
	if err != nil {
		return nil, err
	}
	if err := expectLastLine(asking, "going"); err != nil {
		select {
		case <-o.session.Done(): // how this library takes it
			return report.Finding{"session": "ended", "cause": o.ended().Error()}, nil
		case <-o.ctx.Done():
			return nil, err
		}
	}
	_, refused := o.session.Open(o.ctx)
	if refused == nil {
		return nil, errors.New("a stream could be opened after the peer said that it goes away")
	}
	if err := exchange(before); err != nil {
		return nil, fmt.Errorf("on the stream of before: %w", err)
	}
	return report.Finding{"session": "drains", "cause": refused.Error()}, errors.Join(asking.CloseWrite(), finish(before))
}

// close has the peer end the session.
func (o opener) close(line string) (report.Finding, error) {
	stream, err := o.open("echo")
	if err != nil {
		return nil, err
	}
	if err := exchange(stream); err != nil {
		return nil, err
	}
	if _, err := o.open(line); err != nil {
		return nil, err
	}
	_, streamError := drain(stream)
	return report.Finding{"cause": o.ended().Error(), "read": outcome(streamError)}, nil
}

// freeze has the peer fall silent, which keep-alive is to notice.
func (o opener) freeze() (report.Finding, error) {
	if _, err := o.open("freeze"); err != nil {
		return nil, err
	}
	cause := o.ended()
	if !muxer.IsKeepAliveTimeout(cause) {
		return nil, fmt.Errorf("the session ended of something else: %w", cause)
	}
	return report.Finding{"cause": cause.Error()}, nil
}
