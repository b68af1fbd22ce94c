// Package bench measures a yamux session from the side that opens streams. The other side serves scenarios.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dev.sluice/interop/internal/muxer"
)

// Case is what is measured.
type Case struct {
	Name string
	// Streams are at work at the same time.
	Streams int
	// WriteBytes is the size of a write, of the bulk in "beside".
	WriteBytes int
	run        func(Case, *run) (Result, error)
}

// Cases are all there are, by their names.
var Cases = []Case{
	{"bulk", 1, 64 << 10, Case.bulk},
	{"bulk-8", 8, 64 << 10, Case.bulk},
	{"small", 1, 128, Case.bulk},
	{"small-8", 8, 128, Case.bulk},
	{"echo", 1, echoBytes, Case.echo},
	{"open-close", 1, 0, Case.openClose},
	{"open-close-8", 8, 0, Case.openClose},
	{"beside", 1, 64 << 10, Case.beside},
}

const echoBytes = 64

// Result is what was found. Nanos is the time from the first byte until the peer had all of them, or from the first to the last round.
type Result struct {
	Case       string `json:"case"`
	Streams    int    `json:"streams"`
	WriteBytes int    `json:"writeBytes"`
	// Count is of writes, of echoes, or of streams opened and closed.
	Count int64 `json:"count"`
	Bytes int64 `json:"bytes"`
	Nanos int64 `json:"nanos"`
	// Latency is of echoes.
	Latency *Latency `json:"latency,omitempty"`
}

// Latency has percentiles, in nanoseconds.
type Latency struct {
	Count int64 `json:"count"`
	P50   int64 `json:"p50Nanos"`
	P90   int64 `json:"p90Nanos"`
	P99   int64 `json:"p99Nanos"`
	P999  int64 `json:"p999Nanos"`
	Max   int64 `json:"maxNanos"`
}

// run is one measurement.
type run struct {
	session muxer.Session
	end     time.Time
}

func (r *run) over() bool { return !time.Now().Before(r.end) }

// Times say how long a case runs.
type Times struct {
	// WarmUp is thrown away; 0: there is none.
	WarmUp   time.Duration
	Measured time.Duration
}

// Measure runs a case on a session.
func (c Case) Measure(session muxer.Session, times Times) (Result, error) {
	if times.WarmUp > 0 {
		if _, err := c.run(c, &run{session, time.Now().Add(times.WarmUp)}); err != nil {
			return Result{}, err
		}
	}
	result, err := c.run(c, &run{session, time.Now().Add(times.Measured)})
	result.Case, result.Streams, result.WriteBytes = c.Name, c.Streams, c.WriteBytes
	return result, err
}

// onEach runs a worker for each stream and adds up what they count.
func (c Case) onEach(work func() (int64, error)) (Result, error) {
	began := time.Now()
	counts := make([]int64, c.Streams)
	failures := make([]error, c.Streams)
	var workers sync.WaitGroup
	for i := range c.Streams {
		workers.Go(func() { counts[i], failures[i] = work() })
	}
	workers.Wait()
	result := Result{Nanos: time.Since(began).Nanoseconds()}
	for _, count := range counts {
		result.Count += count
	}
	return result, errors.Join(failures...)
}

// bulk writes to sinks, one way.
func (c Case) bulk(r *run) (Result, error) {
	result, err := c.onEach(func() (int64, error) { return r.fill(c.WriteBytes) })
	result.Bytes = result.Count * int64(c.WriteBytes)
	return result, err
}

// fill writes to a sink until the time is over and the peer has said that it has all of it.
func (r *run) fill(writeBytes int) (writes int64, err error) {
	stream, err := r.open("sink")
	if err != nil {
		return 0, err
	}
	payload := make([]byte, writeBytes)
	for ; writes == 0 || !r.over(); writes++ {
		if _, err := stream.Write(payload); err != nil {
			return writes, err
		}
	}
	if err := stream.CloseWrite(); err != nil {
		return writes, err
	}
	answer, err := io.ReadAll(stream)
	if err != nil {
		return writes, err
	}
	received, err := strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64)
	if err == nil && received != writes*int64(writeBytes) {
		err = fmt.Errorf("the peer got %d bytes of %d", received, writes*int64(writeBytes))
	}
	return writes, err
}

func (r *run) open(line string) (muxer.Stream, error) {
	stream, err := r.session.Open(context.Background())
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(stream, line+"\n")
	return stream, err
}

// echo sends the next message when the last one has come back.
func (c Case) echo(r *run) (Result, error) {
	began := time.Now()
	samples, err := r.echoes()
	return Result{
		Count:   int64(len(samples)),
		Bytes:   int64(len(samples)) * echoBytes,
		Nanos:   time.Since(began).Nanoseconds(),
		Latency: latency(samples),
	}, err
}

func (r *run) echoes() ([]int64, error) {
	stream, err := r.open("echo")
	if err != nil {
		return nil, err
	}
	samples := make([]int64, 0, 1<<20)
	message := make([]byte, echoBytes)
	for len(samples) == 0 || !r.over() {
		sent := time.Now()
		if _, err := stream.Write(message); err != nil {
			return samples, err
		}
		if _, err := io.ReadFull(stream, message); err != nil {
			return samples, err
		}
		samples = append(samples, time.Since(sent).Nanoseconds())
	}
	return samples, finish(stream)
}

func finish(stream muxer.Stream) error {
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	if n, err := stream.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return fmt.Errorf("instead of the end: %d bytes, %w", n, err)
	}
	return nil
}

func latency(samples []int64) *Latency {
	if len(samples) == 0 {
		return nil
	}
	slices.Sort(samples)
	at := func(share float64) int64 { return samples[int(share*float64(len(samples)-1))] }
	return &Latency{int64(len(samples)), at(0.5), at(0.9), at(0.99), at(0.999), samples[len(samples)-1]}
}

// openClose opens a stream, ends it, and waits until the peer has ended it, too.
func (c Case) openClose(r *run) (Result, error) {
	return c.onEach(func() (count int64, err error) {
		for ; count == 0 || !r.over(); count++ {
			stream, err := r.session.Open(context.Background())
			if err != nil {
				return count, err
			}
			if err := finish(stream); err != nil {
				return count, err
			}
		}
		return count, nil
	})
}

// beside has echoes on one stream while another is full. Count and bytes are the bulk's.
func (c Case) beside(r *run) (Result, error) {
	var samples []int64
	var echoError error
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		samples, echoError = r.echoes()
	}()
	result, err := c.bulk(r)
	<-echoed
	result.Latency = latency(samples)
	return result, errors.Join(err, echoError)
}
