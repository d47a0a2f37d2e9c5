// This file tests what is written of statements, and what is not.

package orm

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var took = regexp.MustCompile(` +\d+\.\d+ms`)

// runLogged runs a little of everything and returns what was written.
func runLogged(t *testing.T, out *bytes.Buffer, options ...EngineOption) string {
	t.Helper()
	e, db := newTestEngine(t, options...)
	db.On("INSERT INTO a").Result(0, 1)
	db.On("SELECT a").Rows([]string{"a"}, []driver.Value{"x"}, []driver.Value{"y"})
	db.On("UPDATE a").Fail(serverSays(ErrDeadlock, "40P01"))
	c := mustConnect(t, e)
	ctx := testContext(t)
	if _, err := c.exec(ctx, insertOne, []any{"hunter2", int64(5), nil}); err != nil {
		t.Fatal(err)
	}
	cur, err := c.query(ctx, selectOne, nil)
	wantNoError(t, err)
	for cur.Next() {
	}
	sets := func(int) ([]any, error) { return []any{"hunter2"}, nil }
	wantNoError(t, c.execMany(ctx, insertOne, 2, sets, func(int, Outcome) error { return nil }))
	_, _ = c.exec(ctx, updateOne, nil)
	wantNoError(t, c.Rollback(ctx))
	return took.ReplaceAllString(out.String(), "")
}

func TestEchoHidesValues(t *testing.T) {
	var out bytes.Buffer
	want := `[orm]  BEGIN
[orm]  INSERT INTO a  [hidden 3]  1 row
[orm]  SELECT a  2 rows
[orm]  INSERT INTO a  [hidden 1] × 2  2 rows
[orm]  UPDATE a  error: orm: update a: deadlock (fake 40P01)
[orm]  ROLLBACK
`
	if diff := cmp.Diff(want, runLogged(t, &out, WithEcho(&out))); diff != "" {
		t.Errorf("echo (-want +got)\n%s", diff)
	}
}

func TestEchoShowsValuesOnRequest(t *testing.T) {
	var out bytes.Buffer
	text := runLogged(t, &out, WithEcho(&out), EchoValues())
	if line := `INSERT INTO a  ["hunter2", 5, NULL]  1 row`; !strings.Contains(text, line) {
		t.Errorf("no %q in\n%s", line, text)
	}
}

func TestShownValues(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	got := showValues([]any{nil, "a\nb", []byte{1, 255}, at, 1.5, true, strings.Repeat("x", 300), driver.Valuer(secretValuer{})})
	want := `[NULL, "a\nb", x'01ff', 2026-01-02T03:04:05.0000006Z, 1.5, true, "` + strings.Repeat("x", 200) + `…", orm.secretValuer]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
}

type secretValuer struct{}

func (secretValuer) Value() (driver.Value, error) { return "secret", nil }

func TestLogRecords(t *testing.T) {
	var out bytes.Buffer
	plain := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{}
		}
		return a
	}})
	want := `level=DEBUG msg="orm: transaction" sql=BEGIN
level=DEBUG msg="orm: statement" sql="INSERT INTO a" op=insert table=a rows=1
level=DEBUG msg="orm: statement" sql="SELECT a" op=select table=a rows=2
level=DEBUG msg="orm: statement" sql="INSERT INTO a" op=insert table=a rows=2 sets=2
level=DEBUG msg="orm: statement" sql="UPDATE a" op=update table=a rows=-1 err="orm: update a: deadlock (fake 40P01)"
level=DEBUG msg="orm: transaction" sql=ROLLBACK
`
	if diff := cmp.Diff(want, runLogged(t, &out, WithLogger(slog.New(plain)))); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
	out.Reset()
	if text := runLogged(t, &out, WithLogger(slog.New(plain)), EchoValues()); !strings.Contains(text, `args="[\"hunter2\", 5, NULL]"`) {
		t.Errorf("no values in\n%s", text)
	}
}

func TestSlowStatementIsAWarning(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	runLogged(t, &out, WithLogger(logger))
	if out.Len() != 0 {
		t.Errorf("quick statements are logged at Info:\n%s", out.String())
	}
	runLogged(t, &out, WithLogger(logger), WithSlowQuery(time.Nanosecond))
	if n := strings.Count(out.String(), `level=WARN msg="orm: slow statement"`); n != 4 {
		t.Errorf("%d warnings, want 4:\n%s", n, out.String())
	}
}

func TestWarningsOfTheEngine(t *testing.T) {
	var out bytes.Buffer
	e, db := newTestEngine(t, WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
	db.On("ROLLBACK").Fail(errors.New("secret"))
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	wantNoError(t, c.Close())
	if text := out.String(); !strings.Contains(text, `msg="orm: rollback failed, the connection is closed instead"`) || strings.Contains(text, "secret") {
		t.Errorf("log\n%s", text)
	}
	silent, _ := newTestEngine(t)
	silent.warn(context.Background(), "nobody listens")
}

func TestColoursAreForTerminals(t *testing.T) {
	var l statementLog
	var out bytes.Buffer
	l.set(logConfig{echo: &out})
	l.line("select", time.Millisecond, "SELECT 1")
	if diff := cmp.Diff("[orm]   1.000ms  SELECT 1\n", out.String()); diff != "" {
		t.Errorf("plain (-want +got)\n%s", diff)
	}
	colours := map[string]bool{}
	l.coloured = true
	for _, op := range []string{"select", "insert", "delete", "ddl", "commit"} {
		out.Reset()
		l.line(op, 0, "TEXT", "more")
		before, after, found := strings.Cut(out.String(), "TEXT\x1b[0m")
		if !found || after != "  more\n" {
			t.Errorf("%s: %q", op, out.String())
		}
		colours[before] = true
	}
	if len(colours) != 5 {
		t.Errorf("%d colours, want 5", len(colours))
	}
	if isTerminal(io.Discard) {
		t.Error("a writer that is no file is a terminal")
	}
	file, err := os.CreateTemp(t.TempDir(), "")
	wantNoError(t, err)
	defer file.Close()
	if isTerminal(file) {
		t.Error("a file is a terminal")
	}
}
