// Command sluice-interop is the other side of Sluice's interoperability tests: programs on the Go libraries that Sluice talks to. The
// README says what each does, and what it puts on the wire and on standard output.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

var commands = map[string]func(arguments []string) error{
	"yamux": yamux,
	"bench": benchmark,
	"serve": serve,
	"call":  call,
}

const usage = `usage: sluice-interop COMMAND [FLAGS] [SCENARIO...]

  yamux   serves, and opens, streams of a yamux session
  bench   measures yamux sessions
  serve   serves gRPC, the backchannel, sidechannels and StreamRPC at one port
  call    calls such a server

sluice-interop COMMAND -h lists the flags; tests/interop/go/README.md tells the rest.
`

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	err := commands[os.Args[1]](os.Args[2:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "sluice-interop %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// errInputEnded is why a client stops before it is done: a server is just done then.
var errInputEnded = errors.New("standard input ended: nobody waits for the result any more")
