package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const asProgram = "SLUICE_INTEROP_TEST_AS_PROGRAM"

// TestMain lets the test binary be the program that the tests start.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a run of the program. Its standard input is open until the test is over.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	input  io.Closer
	lines  *bufio.Scanner
	errors bytes.Buffer
}

func start(t *testing.T, arguments ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(os.Args[0], arguments...)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = &p.errors
	input, err := p.cmd.StdinPipe()
	check(t, err)
	p.input = input
	output, err := p.cmd.StdoutPipe()
	check(t, err)
	p.lines = bufio.NewScanner(output)
	check(t, p.cmd.Start())
	limit := time.AfterFunc(time.Minute, func() { p.cmd.Process.Kill() })
	t.Cleanup(func() {
		p.input.Close()
		p.cmd.Wait()
		limit.Stop()
		if t.Failed() {
			t.Logf("%s said on standard error: %s", strings.Join(arguments, " "), p.errors.String())
		}
	})
	return p
}

// serving starts a program that serves at a new Unix socket or TCP port, and returns its address.
func serving(t *testing.T, arguments ...string) (*program, string) {
	t.Helper()
	p := start(t, arguments...)
	address, found := strings.CutPrefix(p.line(), "ready ")
	if !found {
		t.Fatal("the program is not ready")
	}
	return p, address
}

func (p *program) line() string {
	p.t.Helper()
	if !p.lines.Scan() {
		p.cmd.Wait()
		p.t.Fatalf("the program ended: %v: %s", p.cmd.ProcessState, p.errors.String())
	}
	return p.lines.Text()
}

func (p *program) finding() map[string]any {
	p.t.Helper()
	var finding map[string]any
	line := p.line()
	if err := json.Unmarshal([]byte(line), &finding); err != nil {
		p.t.Fatalf("%q: %v", line, err)
	}
	return finding
}

// findings runs a client to its end, which must be a good one.
func findings(t *testing.T, arguments ...string) []map[string]any {
	t.Helper()
	p := start(t, arguments...)
	var all []map[string]any
	for p.lines.Scan() {
		var finding map[string]any
		check(t, json.Unmarshal(p.lines.Bytes(), &finding))
		all = append(all, finding)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v: %v: %s", arguments, err, p.errors.String())
	}
	return all
}

// failure runs a client that must fail, and returns what it says.
func failure(t *testing.T, arguments ...string) string {
	t.Helper()
	p := start(t, arguments...)
	for p.lines.Scan() {
	}
	if err := p.cmd.Wait(); err == nil {
		t.Fatalf("%v did not fail", arguments)
	}
	return p.errors.String()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestProgramEndsWithItsInput(t *testing.T) {
	for _, command := range []string{"yamux", "serve"} {
		p, _ := serving(t, command, "-listen", "tcp://127.0.0.1:0")
		check(t, p.input.Close())
		if p.lines.Scan() {
			t.Errorf("%s printed %q", command, p.lines.Text())
		}
		check(t, p.cmd.Wait())
	}
}
