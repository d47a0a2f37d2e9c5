package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

func TestBlogPrintsWhatItSends(t *testing.T) {
	const golden = "testdata/output.txt"
	var out bytes.Buffer
	if err := run(t.Context(), &out, "sqlite:///:memory:"); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got); if it is meant: go test ./examples/blog -update\n%s", golden, diff)
	}
}
