package main

import (
	"errors"
	"flag"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"dev.sluice/interop/internal/address"
	"dev.sluice/interop/internal/backchannel"
	"dev.sluice/interop/internal/listenmux"
	"dev.sluice/interop/internal/report"
	"dev.sluice/interop/internal/service"
)

func backchannelFlags(flags *flag.FlagSet) func() backchannel.Config {
	window := flags.Uint("window", 16<<20, "bytes that a stream of the backchannel's session may have under way")
	backlog := flags.Int("backlog", 256, "streams of such a session that may wait to be accepted")
	return func() backchannel.Config {
		return backchannel.Config{Window: uint32(*window), Backlog: *backlog, Log: os.Stderr}
	}
}

// serve serves all protocols at one port.
func serve(arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", "", "serve at this address: tcp://host:port or unix:///path")
	config := backchannelFlags(flags)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *listen == "" || flags.NArg() > 0 {
		return errors.New("expected -listen and nothing else")
	}
	registry := backchannel.NewRegistry()
	credentials, err := listenmux.New(
		insecure.NewCredentials(), backchannel.NewServerHandshaker(registry, config()), service.Streams())
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.Creds(credentials))
	server.RegisterService(service.Calls(registry), nil)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	listener, err := address.Listen(*listen)
	if err != nil {
		return err
	}
	return serveUntilInputEnds(server, listener)
}

func serveUntilInputEnds(server *grpc.Server, listener net.Listener) error {
	inputEnd := report.InputEnd()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	report.Ready(address.Text(listener.Addr()))
	select {
	case err := <-served:
		return err
	case <-inputEnd:
		server.Stop()
		return nil
	}
}
