// This file reads and writes database URLs in SQLAlchemy's forms:
//
//	dialect+driver://user:password@host:port/database?option=value
//
// It is not net/url, whose errors quote what they could not read, password and
// all, and which does not tell a relative file from an absolute one.

package orm

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// URL says where a database is and how to get in. It is an immutable value,
// safe for concurrent use; [ParseURL] makes one and the With methods return
// changed copies. Printed in whatever way it shows *** for every password; only
// Render and Password tell it.
type URL struct {
	// A pointer, which package fmt does not follow where it prints a struct that
	// holds a URL.
	parts *urlParts
}

type urlParts struct {
	scheme      string // dialect or dialect+driver
	user        string
	password    string
	hasPassword bool
	host        string
	port        int
	database    string
	query       url.Values
}

// redacted stands in place of a password.
const redacted = "***"

// ParseURL reads a database URL. It emits no SQL and opens nothing. These are
// the forms:
//
//	sqlite://                       a database in memory; also sqlite:///:memory:
//	sqlite:///relative.db           a file; sqlite:////absolute/path.db
//	postgres://user:password@host:5432/database?sslmode=verify-full
//	postgres://user@/database?host=/var/run/postgresql
//	mysql://root@127.0.0.1:3306/database
//
// User, password, database and options are percent-decoded, so that any
// character can stand in them; an @ may also stand as it is. What cannot be
// read is an [ErrURL] whose text never contains a part of the input that could
// be a password.
func ParseURL(text string) (*URL, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !isScheme(scheme) {
		return nil, urlError("it does not begin with a scheme and ://", "write it as postgres://user:password@host:5432/database, or sqlite:///file.db")
	}
	p := &urlParts{scheme: scheme}
	rest, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, urlError("its options cannot be read", "percent-encode special characters behind the question mark")
	}
	p.query = values
	authority, database, _ := strings.Cut(rest, "/")
	if looksCut(authority, database+query) {
		return nil, urlError("an @ follows where there is no user", "percent-encode the characters / ? # and : where they belong to the user or the password")
	}
	p.database = unescapePart(database)
	if err := p.readAuthority(authority); err != nil {
		return nil, err
	}
	return &URL{p}, nil
}

// looksCut finds the password that a slash or question mark inside of it has cut
// in two: "user:12/34@host" would be a host with a port and a database.
func looksCut(authority, behind string) bool {
	return strings.Contains(authority, ":") && !strings.Contains(authority, "@") && strings.Contains(behind, "@")
}

func urlError(reason, advice string) error {
	return &UsageError{Kind: ErrURL, Op: "read", Subject: "database URL", Reason: reason, Advice: advice}
}

func isScheme(s string) bool {
	for i := range len(s) {
		b := s[i]
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
		if !letter && (i == 0 || (b < '0' || b > '9') && !strings.ContainsRune("+-._", rune(b))) {
			return false
		}
	}
	return s != ""
}

// readAuthority takes what stands between :// and the next slash apart.
func (p *urlParts) readAuthority(authority string) error {
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, has := strings.Cut(authority[:at], ":")
		p.user, p.password, p.hasPassword = unescapePart(user), unescapePart(password), has
		authority = authority[at+1:]
	}
	if strings.Contains(authority, ",") {
		p.host = authority // several hosts with their ports, which is the driver's to read
		return nil
	}
	host, port := splitPort(authority)
	p.host = unescapePart(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if port == "" {
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return urlError("its port is no number from 1 to 65535", "percent-encode the characters / ? # and : where they belong to the user or the password")
	}
	p.port = int(n)
	return nil
}

// splitPort knows that an IPv6 address has colons of its own, in brackets.
func splitPort(authority string) (host, port string) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') {
		return authority, ""
	}
	return authority[:colon], authority[colon+1:]
}

// unescapePart decodes percent signs; one that begins no code is meant as it
// stands.
func unescapePart(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escapePart encodes what would end the part, and every percent sign.
func escapePart(s, special string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '%' || s[i] <= ' ' || s[i] == 0x7f || strings.IndexByte(special, s[i]) >= 0 {
			fmt.Fprintf(&b, "%%%02X", s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Scheme returns what stands before ://, such as "postgresql+pq".
func (u *URL) Scheme() string { return u.parts.scheme }

// DialectName returns the scheme up to a plus sign: "postgresql".
func (u *URL) DialectName() string {
	name, _, _ := strings.Cut(u.parts.scheme, "+")
	return name
}

// DriverName returns the scheme behind the plus sign, or "".
func (u *URL) DriverName() string {
	_, name, _ := strings.Cut(u.parts.scheme, "+")
	return name
}

// User returns the user's name, or "".
func (u *URL) User() string { return u.parts.user }

// Password returns the password in clear, and whether there is one.
func (u *URL) Password() (string, bool) { return u.parts.password, u.parts.hasPassword }

// Host returns the host without port and brackets, or "". Several hosts come
// with their ports, as "one:5432,two:5432".
func (u *URL) Host() string { return u.parts.host }

// Port returns the port, or 0 if the URL names none.
func (u *URL) Port() int { return u.parts.port }

// Database returns what stands behind the host and its slash: the name of a
// database, a path of a file, or ":memory:".
func (u *URL) Database() string { return u.parts.database }

// Query returns a copy of the options behind the question mark.
func (u *URL) Query() url.Values {
	copied := make(url.Values, len(u.parts.query))
	for key, values := range u.parts.query {
		copied[key] = slices.Clone(values)
	}
	return copied
}

func (u *URL) with(change func(*urlParts)) *URL {
	changed := *u.parts
	change(&changed)
	return &URL{&changed}
}

// WithUser returns the URL with another user.
func (u *URL) WithUser(name string) *URL { return u.with(func(p *urlParts) { p.user = name }) }

// WithPassword returns the URL with another password.
func (u *URL) WithPassword(password string) *URL {
	return u.with(func(p *urlParts) { p.password, p.hasPassword = password, true })
}

// WithHost returns the URL with another host.
func (u *URL) WithHost(host string) *URL { return u.with(func(p *urlParts) { p.host = host }) }

// WithPort returns the URL with another port; 0 for none.
func (u *URL) WithPort(port int) *URL { return u.with(func(p *urlParts) { p.port = port }) }

// WithDatabase returns the URL with another database.
func (u *URL) WithDatabase(name string) *URL { return u.with(func(p *urlParts) { p.database = name }) }

// WithQuery returns the URL with an option set to these values; without values
// the option is taken out.
func (u *URL) WithQuery(key string, values ...string) *URL {
	return u.with(func(p *urlParts) {
		p.query = maps.Clone(p.query)
		if len(values) == 0 {
			delete(p.query, key)
			return
		}
		p.query[key] = slices.Clone(values)
	})
}

// Render returns the URL with its password. ParseURL reads it back.
func (u *URL) Render() string { return u.render(func(secret string) string { return secret }) }

// String returns the URL with *** for every password.
func (u URL) String() string { return u.render(func(string) string { return redacted }) }

// Format implements [fmt.Formatter]: every verb writes what String returns.
func (u URL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

func (u *URL) render(show func(secret string) string) string {
	if u.parts == nil {
		return ""
	}
	p := u.parts
	var b strings.Builder
	b.WriteString(p.scheme + "://")
	if p.user != "" || p.hasPassword {
		b.WriteString(escapePart(p.user, ":/?#@"))
		if p.hasPassword {
			b.WriteString(":" + escapePart(show(p.password), ":/?#@"))
		}
		b.WriteByte('@')
	}
	b.WriteString(p.renderHost())
	if p.database != "" {
		b.WriteString("/" + escapePart(p.database, "?#"))
	}
	if len(p.query) > 0 {
		b.WriteString("?" + p.renderQuery(show))
	}
	return b.String()
}

func (p *urlParts) renderHost() string {
	host := p.host
	switch {
	case strings.Contains(host, ","):
		return host
	case strings.Contains(host, ":"):
		host = "[" + escapePart(host, "/?#@[]") + "]"
	default:
		host = escapePart(host, "/?#@[]")
	}
	if p.port != 0 {
		host += ":" + strconv.Itoa(p.port)
	}
	return host
}

func (p *urlParts) renderQuery(show func(string) string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(p.query)) {
		for _, value := range p.query[key] {
			if isSecret(key) {
				value = show(value)
			}
			pairs = append(pairs, url.QueryEscape(key)+"="+strings.ReplaceAll(url.QueryEscape(value), "%2A%2A%2A", redacted))
		}
	}
	return strings.Join(pairs, "&")
}

// isSecret recognises the options in which drivers take passwords and keys.
func isSecret(key string) bool {
	key = strings.ToLower(key)
	for _, word := range []string{"pass", "pwd", "secret", "token", "sslkey", "credential"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}
