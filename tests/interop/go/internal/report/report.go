// Package report tells whoever started the program what it found, a line of standard output at a time, and ends the program when
// whoever started it is gone.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

// Finding is one result. It is printed as a line of JSON.
type Finding map[string]any

var output sync.Mutex

// Ready says that the program serves at an address.
func Ready(address string) {
	output.Lock()
	defer output.Unlock()
	fmt.Println("ready", address)
}

// Print prints a line of JSON.
func Print(finding any) {
	line, err := json.Marshal(finding)
	if err != nil {
		panic(err) // findings are made of texts and numbers
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

// InputEnd is closed when standard input has ended: nobody is there any more who would stop the program.
func InputEnd() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	return ended
}
