package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"dev.sluice/interop/internal/address"
	"dev.sluice/interop/internal/muxer"
	"dev.sluice/interop/internal/report"
	"dev.sluice/interop/internal/scenario"
)

// yamuxFlags are those of the commands that make a session.
type yamuxFlags struct {
	*flag.FlagSet
	dial   string
	config muxer.Config
	role   string
	window uint
}

func newYamuxFlags(command string) *yamuxFlags {
	f := &yamuxFlags{FlagSet: flag.NewFlagSet(command, flag.ContinueOnError), config: muxer.DefaultConfig()}
	f.config.Log = os.Stderr
	f.StringVar(&f.dial, "dial", "", "connect to this address: tcp://host:port or unix:///path")
	f.StringVar(&f.config.Library, "library", f.config.Library, "hashicorp or libp2p")
	f.StringVar(&f.role, "role", "", "client or server of the session; the one who dials is the client unless told otherwise")
	f.UintVar(&f.window, "window", uint(f.config.Window), "bytes that a stream may have under way, 262144 or more")
	f.IntVar(&f.config.Backlog, "backlog", f.config.Backlog, "streams that may wait to be accepted")
	f.DurationVar(&f.config.KeepAlive, "keep-alive", f.config.KeepAlive, "how often a silent peer is pinged; 0: never")
	f.DurationVar(&f.config.WriteTimeout, "write-timeout", f.config.WriteTimeout, "how long a write or the answer to a ping may take")
	f.DurationVar(&f.config.CloseTimeout, "close-timeout", f.config.CloseTimeout, "when hashicorp resets a stream that was closed on one side")
	return f
}

func (f *yamuxFlags) parse(arguments []string) error {
	if err := f.Parse(arguments); err != nil {
		return err
	}
	f.config.Window = uint32(f.window)
	switch f.role {
	case "":
		f.config.Client = f.dial != ""
	case "client", "server":
		f.config.Client = f.role == "client"
	default:
		return fmt.Errorf("-role %q: expected client or server", f.role)
	}
	return nil
}

// yamux serves the peer's scenarios, on one connection that it dials or on all that it accepts, and performs its own ones, if any.
func yamux(arguments []string) error {
	flags := newYamuxFlags("yamux")
	listen := flags.String("listen", "", "serve at this address: tcp://host:port or unix:///path")
	limit := flags.Duration("limit", 2*time.Minute, "how long a scenario may take")
	if err := flags.parse(arguments); err != nil {
		return err
	}
	if (*listen == "") == (flags.dial == "") {
		return errors.New("expected either -listen or -dial")
	}
	peer := yamuxPeer{flags.config, flags.Args(), *limit}
	inputEnd := report.InputEnd()
	done := make(chan error, 1)
	if flags.dial != "" {
		go func() { done <- peer.dial(flags.dial) }()
	} else {
		listener, err := address.Listen(*listen)
		if err != nil {
			return err
		}
		defer listener.Close()
		report.Ready(address.Text(listener.Addr()))
		go func() { done <- peer.listen(listener) }()
	}
	select {
	case err := <-done:
		return err
	case <-inputEnd:
		if len(peer.scenarios) > 0 {
			return errInputEnded
		}
		return nil
	}
}

type yamuxPeer struct {
	config    muxer.Config
	scenarios []string
	limit     time.Duration
}

func (p yamuxPeer) dial(where string) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.limit)
	defer cancel()
	conn, err := address.Dial(ctx, where)
	if err != nil {
		return err
	}
	return p.talk(conn)
}

// listen talks to all that connect, or, with scenarios of its own, to the first.
func (p yamuxPeer) listen(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		if len(p.scenarios) > 0 {
			return p.talk(conn)
		}
		go func() {
			if err := p.talk(conn); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
}

// talk serves the peer until the session ends, or until the own scenarios are done.
func (p yamuxPeer) talk(conn net.Conn) error {
	freezable := scenario.NewFreezable(conn)
	session, err := muxer.New(freezable, p.config)
	if err != nil {
		conn.Close()
		return err
	}
	defer session.Close()
	var cause error
	served := make(chan struct{})
	go func() {
		defer close(served)
		cause = scenario.Serve(session, freezable, func(f report.Finding) { report.Print(f) })
	}()
	ended := func() error {
		<-served
		return cause
	}
	if len(p.scenarios) == 0 {
		report.Print(report.Finding{"event": "closed", "cause": ended().Error()})
		return nil
	}
	return p.perform(session, ended)
}

func (p yamuxPeer) perform(session muxer.Session, ended func() error) error {
	for _, line := range p.scenarios {
		ctx, cancel := context.WithTimeoutCause(context.Background(), p.limit, fmt.Errorf("not done within %v", p.limit))
		finding, err := scenario.Run(ctx, session, ended, line)
		cancel()
		if err != nil {
			return err
		}
		report.Print(finding)
	}
	return nil
}
