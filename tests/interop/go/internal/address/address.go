// Package address listens at and dials what Sluice's addresses name: tcp://host:port and unix:///path.
package address

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
)

// Listen listens at an address; port 0 lets the system choose. A Unix socket that nobody serves any more is replaced.
func Listen(text string) (net.Listener, error) {
	network, where, err := split(text)
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		if err := removeDead(where); err != nil {
			return nil, err
		}
	}
	return net.Listen(network, where)
}

// Dial connects to an address.
func Dial(ctx context.Context, text string) (net.Conn, error) {
	network, where, err := split(text)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, where)
}

// Text is the address of a listener as others dial it.
func Text(a net.Addr) string {
	if a.Network() == "unix" {
		return "unix://" + a.String()
	}
	return a.Network() + "://" + a.String()
}

func split(text string) (network, where string, err error) {
	network, where, found := strings.Cut(text, "://")
	if !found || where == "" || (network != "tcp" && network != "unix") {
		return "", "", fmt.Errorf("address %q: expected tcp://host:port or unix:///path", text)
	}
	return network, where, nil
}

func removeDead(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil // nothing there, or something that listening will complain about
	}
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return fmt.Errorf("%s is served already", path)
	}
	return os.Remove(path)
}
