// Command golden says what Go's encoding/json makes of StreamRPC requests, for the tests of the codec in Java.
//
//	go run streamrpc/src/test/go/golden.go streamrpc/src/test/resources/dev/sluice/streamrpc/internal
//
// It rewrites the tables of that folder in place: the inputs of each line stay, the results behind them are made anew. To add
// a case, add a line with the inputs alone, and "%23" for a "#" in front. The format is described at the head of each table.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

type request struct {
	Method   string
	Message  []byte
	Metadata map[string][]string
}

func main() {
	rewrite(filepath.Join(os.Args[1], "go-reads.tsv"), 1, reads)
	rewrite(filepath.Join(os.Args[1], "go-writes.tsv"), 3, writes)
}

func rewrite(path string, inputs int, result func([]string) string) {
	old, err := os.ReadFile(path)
	check(err)
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(string(old), "\n"), "\n") {
		if !strings.HasPrefix(line, "#") {
			columns := strings.Split(line, "\t")[:inputs]
			line = strings.TrimRight(strings.Join(append(columns, result(columns)), "\t"), "\t")
		}
		out.WriteString(line + "\n")
	}
	check(os.WriteFile(path, []byte(out.String()), 0o644))
}

func reads(columns []string) string {
	var r request
	if err := json.Unmarshal([]byte(unescape(columns[0])), &r); err != nil {
		return "error\t" + escape(err.Error())
	}
	return strings.Join([]string{"request", escape(r.Method), hex.EncodeToString(r.Message), formatMetadata(r.Metadata)}, "\t")
}

func writes(columns []string) string {
	message, err := hex.DecodeString(columns[1])
	check(err)
	out, err := json.Marshal(request{unescape(columns[0]), message, parseMetadata(columns[2])})
	check(err)
	return escape(string(out))
}

// Each value ends with a comma and each list with a semicolon.
func formatMetadata(metadata map[string][]string) string {
	var lists []string
	for name, values := range metadata {
		list := escape(name) + "="
		for _, value := range values {
			list += escape(value) + ","
		}
		lists = append(lists, list+";")
	}
	sort.Strings(lists)
	return strings.Join(lists, "")
}

func parseMetadata(text string) map[string][]string {
	var metadata map[string][]string
	for text != "" {
		if metadata == nil {
			metadata = map[string][]string{}
		}
		list, rest, _ := strings.Cut(text, ";")
		name, values, _ := strings.Cut(list, "=")
		parsed := []string{}
		for values != "" {
			var value string
			value, values, _ = strings.Cut(values, ",")
			parsed = append(parsed, unescape(value))
		}
		metadata[unescape(name)] = parsed
		text = rest
	}
	return metadata
}

func escape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' {
			parsed, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			check(err)
			c = byte(parsed)
			i += 2
		}
		out.WriteByte(c)
	}
	return out.String()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
