package sidechannel

import (
	"io"
	"net"
	"strings"
	"testing"
)

// wire is a connection that keeps what is written and reads what it was given.
type wire struct {
	net.Conn
	in  io.Reader
	out strings.Builder
}

func (w *wire) Read(p []byte) (int, error)  { return w.in.Read(p) }
func (w *wire) Write(p []byte) (int, error) { return w.out.Write(p) }

func TestPacketsOnTheWire(t *testing.T) {
	long := strings.Repeat("a", maxPayloadBytes+1)
	for written, expected := range map[string]string{
		"":      "0000",
		"h":     "0005h0000",
		"hello": "0009hello0000",
		long:    "fff0" + long[1:] + "0005a0000",
	} {
		var w wire
		conn := ClientConn{Conn: &w}
		n, err := io.WriteString(&conn, written)
		if err != nil || n != len(written) {
			t.Errorf("%d bytes: %d written, %v", len(written), n, err)
		}
		for range 2 {
			if err := conn.CloseWrite(); err != nil {
				t.Error(err)
			}
		}
		if w.out.String() != expected {
			t.Errorf("%d bytes are %.20q on the wire", len(written), w.out.String())
		}
		if _, err := conn.Write([]byte("x")); err == nil {
			t.Error("a write after the end was taken")
		}
	}
}

func TestPacketsThatCome(t *testing.T) {
	for given, expected := range map[string]struct{ bytes, err string }{
		"0000":           {"", ""},
		"0009hello0000":  {"hello", ""},
		"00040005h0000x": {"h", ""},
		"0001":           {"", "sidechannel: invalid header 1"},
		"0005h":          {"h", "unexpected EOF"},
		"0009hel":        {"hel", "unexpected EOF"},
		"":               {"", "unexpected EOF"},
		"00":             {"", `pktLineSplitter: incomplete length prefix on "00"`},
		"+005h":          {"", "pktLineSplitter: decode length"},
		"fff1":           {"", "sidechannel: packet of 65521 bytes"},
	} {
		conn := ServerConn{Conn: &wire{in: strings.NewReader(given)}}
		got, err := io.ReadAll(&conn)
		if string(got) != expected.bytes || (err == nil) != (expected.err == "") ||
			err != nil && !strings.Contains(err.Error(), expected.err) {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}
