package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

var libraries = []string{"hashicorp", "libp2p"}

// eachPair runs a test for each pair of libraries, and with the dialling side as the client and as the server of the session.
func eachPair(t *testing.T, test func(t *testing.T, serving, opening []string)) {
	for _, server := range libraries {
		for _, client := range libraries {
			for _, role := range []string{"client", "server"} {
				t.Run(server+"-serves-"+client+"-as-"+role, func(t *testing.T) {
					t.Parallel()
					other := "server"
					if role == "server" {
						other = "client"
					}
					test(t, []string{"-library", server, "-role", other}, []string{"-library", client, "-role", role})
				})
			}
		}
	}
}

func yamuxServer(t *testing.T, flags ...string) (*program, string) {
	socket := "unix://" + filepath.Join(t.TempDir(), "s")
	return serving(t, append([]string{"yamux", "-listen", socket}, flags...)...)
}

func yamuxClient(address string, flags []string, scenarios ...string) []string {
	return append(append([]string{"yamux", "-dial", address}, flags...), scenarios...)
}

func TestScenarios(t *testing.T) {
	eachPair(t, func(t *testing.T, serving, opening []string) {
		server, address := yamuxServer(t, serving...)
		scenarios := []string{
			"echo 0", "echo 1000000", "digest 0", "digest 1000000", "bulk 0 0", "bulk 5000000 0", "bulk 0 5000000",
			"bulk 5000000 5000000", "streams 1000", "ping 3",
		}
		found := findings(t, yamuxClient(address, opening, scenarios...)...)
		if len(found) != len(scenarios) {
			t.Fatalf("%d findings: %v", len(found), found)
		}
		if closed := server.finding(); closed["event"] != "closed" {
			t.Errorf("instead of the end of the session: %v", closed)
		}
	})
}

// hashicorp resets when a stream that it ended was not ended by the peer in time: not a setting for the other scenarios.
func TestResets(t *testing.T) {
	eachPair(t, func(t *testing.T, serving, opening []string) {
		early := []string{"-close-timeout", "100ms"}
		server, address := yamuxServer(t, append(early, serving...)...)
		findings(t, yamuxClient(address, append(early, opening...), "reset 300000", "await-reset 300000")...)
		reset := server.finding()
		if reset["write"] != "reset" {
			t.Errorf("the stream was not reset: %v", reset)
		}
		if opening[1] == "hashicorp" && (reset["bytes"] != 300000.0 || reset["read"] != "end") {
			t.Errorf("hashicorp did not end the stream first: %v", reset)
		}
		if opening[1] == "libp2p" && reset["read"] != "reset" {
			t.Errorf("libp2p did not reset the stream: %v", reset)
		}
	})
}

func TestTheListenerMayOpenOverTCP(t *testing.T) {
	for _, library := range libraries {
		opener, address := serving(t, "yamux", "-listen", "tcp://127.0.0.1:0", "-library", library, "echo 100000", "streams 10")
		start(t, "yamux", "-dial", address)
		for _, scenario := range []string{"echo 100000", "streams 10"} {
			if found := opener.finding(); found["scenario"] != scenario {
				t.Errorf("%s: %v", scenario, found)
			}
		}
	}
}

func TestGoAway(t *testing.T) {
	eachPair(t, func(t *testing.T, serving, opening []string) {
		_, address := yamuxServer(t, serving...)
		found := findings(t, yamuxClient(address, opening, "goaway")...)[0]
		expected := map[string]string{"hashicorp": "drains", "libp2p": "ended"}[opening[1]]
		if found["session"] != expected {
			t.Errorf("the session of %s %v", opening[1], found)
		}
	})
}

func TestCloseWithCode(t *testing.T) {
	_, address := yamuxServer(t, "-library", "libp2p")
	found := findings(t, yamuxClient(address, []string{"-library", "libp2p"}, "close 42")...)[0]
	if cause := found["cause"].(string); !strings.Contains(cause, "42") {
		t.Errorf("the code is not in %q", cause)
	}
	_, address = yamuxServer(t, "-library", "hashicorp")
	found = findings(t, yamuxClient(address, []string{"-library", "hashicorp"}, "close 0")...)[0]
	if found["cause"] != "EOF" {
		t.Errorf("the session ended of %v", found)
	}
}

func TestKeepAlive(t *testing.T) {
	eachPair(t, func(t *testing.T, serving, opening []string) {
		_, address := yamuxServer(t, serving...)
		flags := append([]string{"-keep-alive", "50ms", "-write-timeout", "1s"}, opening...)
		found := findings(t, yamuxClient(address, flags, "idle 300ms", "freeze")...)
		if len(found) != 2 {
			t.Errorf("found %v", found)
		}
	})
}

func TestKeepAliveNoticesWhoNeverAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	for _, library := range libraries {
		said := start(t, "yamux", "-dial", "tcp://"+listener.Addr().String(), "-library", library,
			"-keep-alive", "50ms", "-write-timeout", "300ms").finding()
		if said["cause"] != "keepalive timeout" {
			t.Errorf("%s: %v", library, said)
		}
	}
}

func TestUnknownScenarioIsAnError(t *testing.T) {
	server, address := yamuxServer(t)
	text := failure(t, yamuxClient(address, nil, "dance 3")...)
	if !strings.Contains(text, `unknown scenario "dance 3"`) {
		t.Error(text)
	}
	server.finding() // the end of the session

	text = failure(t, "yamux", "-dial", "http://localhost")
	if !strings.Contains(text, "expected tcp://host:port or unix:///path") {
		t.Error(text)
	}
}
