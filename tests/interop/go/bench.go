package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"dev.sluice/interop/internal/address"
	"dev.sluice/interop/internal/bench"
	"dev.sluice/interop/internal/muxer"
	"dev.sluice/interop/internal/report"
)

// measured is a result, with what it is of.
type measured struct {
	Library string `json:"library"`
	Window  uint32 `json:"windowBytes"`
	bench.Result
}

// benchmark measures sessions with a server that is there, or with one that it starts as a process of its own.
func benchmark(arguments []string) error {
	flags := newYamuxFlags("bench")
	duration := flags.Duration("duration", 3*time.Second, "how long each case is measured")
	warmUp := flags.Duration("warm-up", -1, "how long it runs before that; a fifth of that time unless told otherwise")
	pair := flags.String("pair", "", "start a server of the same kind at this address, in a process of its own, instead of -dial")
	if err := flags.parse(arguments); err != nil {
		return err
	}
	if (*pair == "") == (flags.dial == "") {
		return errors.New("expected either -dial or -pair")
	}
	if *warmUp < 0 {
		*warmUp = *duration / 5
	}
	flags.config.Client = flags.role != "server"
	cases, err := chosenCases(flags.Args())
	if err != nil {
		return err
	}
	inputEnd := report.InputEnd()
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { done <- measure(ctx, *pair, flags, cases, bench.Times{WarmUp: *warmUp, Measured: *duration}) }()
	select {
	case err := <-done:
		return err
	case <-inputEnd:
		return errInputEnded
	}
}

func chosenCases(names []string) ([]bench.Case, error) {
	if len(names) == 0 {
		return bench.Cases, nil
	}
	var chosen []bench.Case
	for _, name := range names {
		i := slices.IndexFunc(bench.Cases, func(c bench.Case) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown case %q", name)
		}
		chosen = append(chosen, bench.Cases[i])
	}
	return chosen, nil
}

func measure(ctx context.Context, pair string, flags *yamuxFlags, cases []bench.Case, times bench.Times) error {
	where := flags.dial
	if pair != "" {
		started, err := startServer(ctx, pair, flags)
		if err != nil {
			return err
		}
		where = started
	}
	for _, c := range cases {
		result, err := measureCase(ctx, where, flags.config, c, times)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		report.Print(measured{flags.config.Library, flags.config.Window, result})
	}
	return nil
}

// measureCase measures on a session of its own.
func measureCase(
	ctx context.Context, where string, config muxer.Config, c bench.Case, times bench.Times,
) (bench.Result, error) {
	conn, err := address.Dial(ctx, where)
	if err != nil {
		return bench.Result{}, err
	}
	session, err := muxer.New(conn, config)
	if err != nil {
		conn.Close()
		return bench.Result{}, err
	}
	defer session.Close()
	return c.Measure(session, times)
}

// startServer starts this program once more, which ends with this process, for that holds the other end of its standard input.
func startServer(ctx context.Context, where string, flags *yamuxFlags) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	role := "server"
	if !flags.config.Client {
		role = "client"
	}
	server := exec.CommandContext(ctx, program, "yamux", "-listen", where, "-role", role,
		"-library", flags.config.Library, "-window", fmt.Sprint(flags.config.Window))
	server.Stderr = os.Stderr
	if _, err := server.StdinPipe(); err != nil {
		return "", err
	}
	output, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewReader(output)
	line, err := lines.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the server said nothing: %w", err)
	}
	ready, found := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !found {
		return "", fmt.Errorf("the server said %q", line)
	}
	go io.Copy(io.Discard, lines) // it tells of the ends of sessions
	return ready, nil
}
