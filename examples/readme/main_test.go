// Readme is the program of the first screen of README.md, which a test compares
// with it.
package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Example() {
	main()
	// Output: ed hello goodbye true
}

// TestReadmeShowsThisProgram compares the first screen of README.md with the
// program, what it prints, and the SQL that it sends after CREATE TABLE.
func TestReadmeShowsThisProgram(t *testing.T) {
	readme, program := readText(t, "../../README.md"), readText(t, "main.go")
	var printed string
	echo := capture(t, &os.Stderr, func() { printed = capture(t, &os.Stdout, main) })
	_, afterTables, _ := strings.Cut(statements(echo), "COMMIT\n")
	for kind, want := range map[string]string{"go": program, "text": printed, "sql": afterTables} {
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(block(readme, kind), "\n")); diff != "" {
			t.Errorf("the first block of %s in README.md (-program +README):\n%s", kind, diff)
		}
	}
	if n := strings.Count(program, "\n"); n > 42 {
		t.Errorf("the program has %d lines, and README.md one screen", n)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block returns the first block of code of a kind.
func block(text, kind string) string {
	_, rest, _ := strings.Cut(text, "```"+kind+"\n")
	code, _, _ := strings.Cut(rest, "```")
	return code
}

// capture returns what a function writes to a file such as os.Stdout.
func capture(t *testing.T, file **os.File, run func()) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	original := *file
	*file = write
	defer func() { *file = original }()
	run()
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var echoed = regexp.MustCompile(`(?m)^\[orm\] +[\d.]+ms  (.*?)(?:  \[hidden \d+\](?: × \d+)?)?(?:  \d+ rows?)?$`)

// statements is an echo without times, values and counts.
func statements(echo string) string { return echoed.ReplaceAllString(echo, "$1") }
