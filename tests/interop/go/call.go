package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"dev.sluice/interop/internal/backchannel"
	"dev.sluice/interop/internal/report"
)

// caller calls the server at an address.
type caller struct {
	address string
	config  backchannel.Config
}

// callScenarios has the scenarios by name. The rest of a scenario's text is its argument.
var callScenarios = map[string]func(c caller, ctx context.Context, argument string) (report.Finding, error){
	"health":             caller.health,
	"echo":               caller.echo,
	"backchannel":        caller.backchannel,
	"garbage":            caller.garbage,
	"sidechannel-digest": caller.sidechannelDigest,
	"sidechannel-echo":   caller.sidechannelEcho,
	"sidechannel-unused": caller.sidechannelUnused,
	"sidechannel-fail":   caller.sidechannelFail,
	"stream-echo":        caller.streamEcho,
	"stream-short":       caller.streamShort,
	"stream-missing":     caller.streamMissing,
	"stream-method":      caller.streamMethod,
	"stream-reject":      caller.streamReject,
	"stream-silent":      caller.streamSilent,
	"stream-metadata":    caller.streamMetadata,
}

// call performs scenarios with a server of the kind that serve is.
func call(arguments []string) error {
	flags := flag.NewFlagSet("call", flag.ContinueOnError)
	dial := flags.String("dial", "", "the server's address: tcp://host:port or unix:///path")
	limit := flags.Duration("limit", 2*time.Minute, "how long a scenario may take")
	config := backchannelFlags(flags)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *dial == "" || flags.NArg() == 0 {
		return errors.New("expected -dial and at least one scenario")
	}
	c := caller{*dial, config()}
	inputEnd := report.InputEnd()
	done := make(chan error, 1)
	go func() { done <- c.perform(flags.Args(), *limit) }()
	select {
	case err := <-done:
		return err
	case <-inputEnd:
		return errInputEnded
	}
}

func (c caller) perform(scenarios []string, limit time.Duration) error {
	for _, line := range scenarios {
		name, argument, _ := strings.Cut(line, " ")
		scenario := callScenarios[name]
		if scenario == nil {
			return fmt.Errorf("unknown scenario %q", line)
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		finding, err := scenario(c, ctx, argument)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		finding["scenario"] = line
		report.Print(finding)
	}
	return nil
}
