// Package backchannel lets a gRPC server call its clients back over the connections that these have dialled: a yamux session carries the
// client's own connection as its first stream, and those of the server's calls as further ones.
package backchannel

import (
	"io"

	"github.com/hashicorp/yamux"
)

// Magic is what a client that can be called back says first.
const Magic = "backchannel"

// Config is what the sessions are told.
type Config struct {
	// Window is the most that a stream may have under way, in bytes.
	Window uint32
	// Backlog is how many streams may wait to be accepted, and how many of ours to be acknowledged.
	Backlog int
	// Log gets the library's own log.
	Log io.Writer
}

func (c Config) yamux() *yamux.Config {
	settings := yamux.DefaultConfig()
	settings.EnableKeepAlive = false // gRPC's own does it
	settings.MaxStreamWindowSize = c.Window
	settings.AcceptBacklog = c.Backlog
	settings.LogOutput = c.Log
	return settings
}
