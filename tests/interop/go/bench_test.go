package main

import (
	"testing"

	"dev.sluice/interop/internal/bench"
)

func TestEachCaseMeasuresSomething(t *testing.T) {
	for _, library := range libraries {
		found := findings(t, "bench", "-pair", "tcp://127.0.0.1:0", "-library", library, "-window", "16777216", "-duration", "50ms")
		if len(found) != len(bench.Cases) {
			t.Fatalf("%s: %v", library, found)
		}
		for i, result := range found {
			name := bench.Cases[i].Name
			if result["case"] != name || result["library"] != library || result["windowBytes"] != 16777216.0 {
				t.Errorf("%s: %v", name, result)
			}
			if result["count"].(float64) < 1 || result["nanos"].(float64) < 1 {
				t.Errorf("%s measured nothing: %v", name, result)
			}
			latency, there := result["latency"].(map[string]any)
			if there != (name == "echo" || name == "beside") || there && latency["p99Nanos"].(float64) < latency["p50Nanos"].(float64) {
				t.Errorf("%s: %v", name, result)
			}
		}
	}
}
