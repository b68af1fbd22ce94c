package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func eachServer(t *testing.T, test func(t *testing.T, address string)) {
	for _, address := range []string{"tcp://127.0.0.1:0", "unix://" + filepath.Join(t.TempDir(), "s")} {
		network, _, _ := strings.Cut(address, ":")
		t.Run(network, func(t *testing.T) {
			_, ready := serving(t, "serve", "-listen", address)
			test(t, ready)
		})
	}
}

func TestCalls(t *testing.T) {
	eachServer(t, func(t *testing.T, address string) {
		expected := [][2]string{
			{"health", "status=SERVING"},
			{"echo 1000000", ""},
			{"backchannel 25 25 2", "calls=100 votes=50"},
			{"garbage", "answer="},
			{"sidechannel-digest 0", ""},
			{"sidechannel-digest 1000000", ""},
			{"sidechannel-echo 0", ""},
			{"sidechannel-echo 3000000", ""},
			{"sidechannel-unused", "waiter=sidechannel: callback de-registered without having run"},
			{"sidechannel-fail out of paper", "code=Aborted text=out of paper"},
			{"stream-echo 0", ""},
			{"stream-echo 1000000", ""},
			{"stream-short 1000", ""},
			{"stream-missing", "rejected=rpc error: code = NotFound desc = GetRepoPath: not a git repository: 'missing'"},
			{"stream-method /no/such", "rejected=method not found: /no/such"},
			{"stream-reject because of <this>", "rejected=because of <this>"},
			{"stream-metadata a b c", "values=[a b c]"},
		}
		arguments := []string{"call", "-dial", address}
		for _, pair := range expected {
			arguments = append(arguments, pair[0])
		}
		for i, found := range findings(t, arguments...) {
			if found["scenario"] != expected[i][0] {
				t.Errorf("finding %d: %v", i, found)
			}
			for _, field := range []string{"status", "calls", "votes", "answer", "waiter", "code", "text", "rejected", "values"} {
				value, there := found[field]
				if text := fmt.Sprintf("%s=%v", field, value); there != strings.Contains(expected[i][1], field+"=") ||
					there && !strings.Contains(expected[i][1], text) {
					t.Errorf("%s: %v", expected[i][0], found)
				}
			}
		}
	})
}

func TestTheBackchannelOfABacklogOfOne(t *testing.T) {
	_, address := serving(t, "serve", "-listen", "tcp://127.0.0.1:0", "-backlog", "1", "-window", "262144")
	findings(t, "call", "-dial", address, "-backlog", "1", "-window", "262144",
		"backchannel 3 3 2", "sidechannel-digest 1000000", "sidechannel-echo 1000000")
}

func TestAMethodThatReturnsWithoutAcceptingEndsTheConnection(t *testing.T) {
	_, address := serving(t, "serve", "-listen", "tcp://127.0.0.1:0")
	text := failure(t, "call", "-dial", address, "stream-silent")
	if !strings.Contains(text, "stream-silent: streamrpc client: receive handshake: EOF") {
		t.Error(text)
	}
}
