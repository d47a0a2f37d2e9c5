// This file writes what an engine does: for people to an io.Writer, one line
// for each statement, and for machines to a slog.Logger. Values of parameters
// are hidden unless the engine was told to show them.

package orm

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type logConfig struct {
	echo   io.Writer
	logger *slog.Logger
	slow   time.Duration
	values bool
}

// statementLog is safe for concurrent use.
type statementLog struct {
	logConfig
	coloured bool
	write    sync.Mutex
}

func (l *statementLog) set(c logConfig) {
	l.logConfig, l.coloured = c, isTerminal(c.echo) && os.Getenv("NO_COLOR") == ""
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// wants reports whether a statement has to be measured and written.
func (l *statementLog) wants(ctx context.Context) bool {
	return l.echo != nil || l.logger != nil && (l.slow > 0 || l.logger.Enabled(ctx, slog.LevelDebug))
}

// executed writes a statement that has ended.
func (l *statementLog) executed(ctx context.Context, x *Execution) {
	if l.echo != nil {
		l.line(x.Op, x.Duration, x.SQL, l.shown(x), outcomeText(x))
	}
	if l.logger == nil {
		return
	}
	level, message := slog.LevelDebug, "orm: statement"
	if l.slow > 0 && x.Duration >= l.slow {
		level, message = slog.LevelWarn, "orm: slow statement"
	}
	if l.logger.Enabled(ctx, level) {
		l.logger.LogAttrs(ctx, level, message, l.attributes(x)...)
	}
}

func (l *statementLog) attributes(x *Execution) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("sql", x.SQL), slog.String("op", x.Op), slog.String("table", x.Table),
		slog.Duration("duration", x.Duration), slog.Int64("rows", x.Rows),
	}
	if x.Sets > 1 {
		attributes = append(attributes, slog.Int("sets", x.Sets))
	}
	if l.values && len(x.Args) > 0 {
		attributes = append(attributes, slog.String("args", showValues(x.Args)))
	}
	if x.Err != nil {
		attributes = append(attributes, slog.String("err", x.Err.Error()))
	}
	return attributes
}

// control writes BEGIN, COMMIT and their like.
func (l *statementLog) control(ctx context.Context, text string, took time.Duration, err error) {
	if l.echo != nil {
		word, _ := nextWord(text)
		l.line(strings.ToLower(word), took, text, "", errorText(err))
	}
	if l.logger != nil && l.logger.Enabled(ctx, slog.LevelDebug) {
		attributes := []slog.Attr{slog.String("sql", text), slog.Duration("duration", took)}
		if err != nil {
			attributes = append(attributes, slog.String("err", err.Error()))
		}
		l.logger.LogAttrs(ctx, slog.LevelDebug, "orm: transaction", attributes...)
	}
}

// warn writes what a person should know though no caller gets it as an error.
// The arguments are those of [slog.Logger.Warn].
func (e *Engine) warn(ctx context.Context, message string, args ...any) {
	if e.log.logger != nil {
		e.log.logger.WarnContext(ctx, "orm: "+message, args...)
	}
	if e.log.echo != nil {
		e.log.warning(message, args)
	}
}

// warning writes a warning and what belongs to it as one line.
func (l *statementLog) warning(message string, args []any) {
	parts := []string{"WARNING: " + message}
	for i := 0; i+1 < len(args); i += 2 {
		parts = append(parts, fmt.Sprintf("%v: %v", args[i], args[i+1]))
	}
	l.line("warning", 0, parts...)
}

// warns reports whether anybody reads warnings.
func (l *statementLog) warns() bool { return l.echo != nil || l.logger != nil }

// line writes one line at once, so that those of several connections do not
// mix. Nobody could be told of a failed write but by the same way.
func (l *statementLog) line(op string, took time.Duration, parts ...string) {
	var b strings.Builder
	b.WriteString("[orm] " + fmt.Sprintf("%9s  ", milliseconds(took)))
	for i, part := range parts {
		if part == "" {
			continue
		}
		if strings.Contains(part, "\n") {
			part = strings.Join(strings.Fields(part), " ")
		}
		if i > 0 {
			b.WriteString("  ")
		} else if l.coloured {
			part = colourOf(op) + part + "\x1b[0m"
		}
		b.WriteString(part)
	}
	b.WriteByte('\n')
	l.write.Lock()
	defer l.write.Unlock()
	_, _ = io.WriteString(l.echo, b.String())
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64) + "ms"
}

// colourOf keeps apart at a glance what reads, what writes, what deletes and
// what frames a transaction.
func colourOf(op string) string {
	switch op {
	case "select":
		return "\x1b[36m"
	case "insert", "update", "merge":
		return "\x1b[33m"
	case "delete", "rollback", "warning":
		return "\x1b[31m"
	case "ddl", "text":
		return "\x1b[35m"
	}
	return "\x1b[32m"
}

func (l *statementLog) shown(x *Execution) string {
	text := ""
	switch {
	case len(x.Args) == 0:
	case l.values:
		text = showValues(x.Args)
	default:
		text = fmt.Sprintf("[hidden %d]", len(x.Args))
	}
	if x.Sets > 1 {
		text = strings.TrimSpace(fmt.Sprintf("%s × %d", text, x.Sets))
	}
	return text
}

func outcomeText(x *Execution) string {
	switch {
	case x.Err != nil:
		return errorText(x.Err)
	case x.Rows == 1:
		return "1 row"
	case x.Rows >= 0:
		return strconv.FormatInt(x.Rows, 10) + " rows"
	}
	return ""
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return "error: " + strings.ReplaceAll(err.Error(), "\n", "; ")
}

// maxShown is how much of a long value is shown.
const maxShown = 200

func showValues(args []any) string {
	shown := make([]string, len(args))
	for i, v := range args {
		shown[i] = showValue(v)
	}
	return "[" + strings.Join(shown, ", ") + "]"
}

func showValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return strconv.Quote(cut(v))
	case []byte:
		return "x'" + cut(hex.EncodeToString(v[:min(len(v), maxShown)])) + "'"
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case driver.Valuer:
		return fmt.Sprintf("%T", v)
	}
	return fmt.Sprint(v)
}

func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}
