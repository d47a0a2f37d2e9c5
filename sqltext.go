// This file reads hand-written SQL: it finds the parameters, ? and :name, and
// leaves alone what only looks like one, in quotes, comments, dollar quotes and
// casts. It refuses a second statement in the text, and says what kind of
// statement the text is. It does not parse SQL.

package orm

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// scannedText is a text taken apart. It is shared, and not changed.
type scannedText struct {
	parts     []textPart
	verb      string // the first keyword in upper case, or ""
	txControl bool   // the statement begins, ends or marks a transaction
	ddl       bool   // the statement changes the schema
	loose     error  // a parenthesis has no partner: the text is no expression
}

// textPart is a piece of literal SQL, or else a parameter: one with a name, or
// the next one in order.
type textPart struct {
	literal    string
	name       string
	positional bool
}

// scanText takes hand-written SQL apart.
//
// A ? is a parameter and ?? a question mark; :name is a parameter, and \: a
// colon. A colon behind a word or another colon is no parameter: a[i:j], x::int.
// Errors are [ErrSyntax] for a quote or comment that is never closed,
// [ErrMultiStatement], and [ErrArgument] when ? and :name are mixed.
func scanText(text SQL) (*scannedText, error) {
	if known := scannedTexts.get(text); known != nil {
		return known, nil
	}
	scanned, err := scanFresh(string(text))
	if err != nil {
		return nil, err
	}
	scannedTexts.put(text, scanned)
	return scanned, nil
}

// scanFresh settles what a backslash before a quote means. To the standard it
// is a character like any other; MySQL takes the quote behind it as text. The
// standard's reading counts unless it leaves loose ends and the other does not.
// A second statement in the standard's reading is always refused: what is text
// to one database must not become a statement on another.
func scanFresh(text string) (*scannedText, error) {
	standard := textScanner{text: text}
	err := standard.run()
	if (err == nil && !standard.stray) || standard.several || !strings.ContainsRune(text, '\\') {
		return standard.result(err)
	}
	escaped := textScanner{text: text, backslash: true}
	if escapedErr := escaped.run(); escapedErr == nil && !escaped.stray {
		return escaped.result(nil)
	}
	return standard.result(err)
}

// textScanner is the state of one reading.
type textScanner struct {
	text      string
	backslash bool // a backslash in quotes makes the next character literal
	pos       int
	from      int // where the literal text that is not yet a part begins
	parts     []textPart
	words     []string // the first words in upper case; of SET all
	lastWord  string
	depth     int   // of BEGIN … END in the body of a routine
	ended     bool  // a semicolon was met
	several   bool  // … and something behind it
	stray     bool  // a backslash stands outside of quotes
	opened    []int // where the parentheses stand that are still open
	loose     error // of the first one that closes nothing
}

func (s *textScanner) run() error {
	for s.pos < len(s.text) {
		if err := s.step(); err != nil {
			return err
		}
	}
	s.cut(s.pos)
	return s.checkMix()
}

func (s *textScanner) result(err error) (*scannedText, error) {
	if err != nil {
		return nil, err
	}
	scanned := &scannedText{parts: s.parts, loose: s.loose}
	if s.loose == nil && len(s.opened) > 0 {
		scanned.loose = s.wrong(s.opened[0], "a parenthesis")
	}
	if len(s.words) > 0 {
		scanned.verb = s.words[0]
		scanned.ddl = slices.Contains(schemaVerbs, scanned.verb)
		scanned.txControl = controlsTransaction(s.words)
	}
	return scanned, nil
}

// step reads one token.
func (s *textScanner) step() error {
	if blank, err := s.blank(); blank || err != nil {
		return err
	}
	if s.ended {
		s.several = true
		return &UsageError{
			Kind: ErrMultiStatement, Op: "read", Subject: "SQL text", Reason: fmt.Sprintf("a second statement begins at byte %d", s.pos),
			Advice: "send one statement at a time",
		}
	}
	switch c := s.text[s.pos]; {
	case c == '\'' || c == '"' || c == '`':
		return s.quoted(c)
	case c == '$':
		return s.dollar()
	case c == '?':
		s.question()
	case c == ':':
		s.colon()
	case c == '\\':
		s.escape()
	case c == ';' && s.depth == 0:
		s.ended = true
		s.pos++
	case c == '(':
		s.opened = append(s.opened, s.pos)
		s.pos++
	case c == ')':
		s.closeParenthesis()
	case c == 0:
		return s.wrong(s.pos, "a NUL byte")
	case isWordByte(c):
		s.word()
	default:
		s.pos++
	}
	return nil
}

// blank passes over space or a comment, and reports whether there was any.
func (s *textScanner) blank() (bool, error) {
	rest := s.text[s.pos:]
	switch {
	case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
		s.pos++
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			s.pos += end
		} else {
			s.pos = len(s.text)
		}
	case strings.HasPrefix(rest, "/*"):
		return true, s.comment()
	default:
		return false, nil
	}
	return true, nil
}

// comment passes over a comment, which may hold others.
func (s *textScanner) comment() error {
	start := s.pos
	for depth := 0; s.pos < len(s.text); {
		switch rest := s.text[s.pos:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			s.pos += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			s.pos += 2
			if depth == 0 {
				return nil
			}
		default:
			s.pos++
		}
	}
	return s.wrong(start, "a comment")
}

// quoted passes over text or a name in quotes. A doubled quote is one of its
// characters.
func (s *textScanner) quoted(quote byte) error {
	start := s.pos
	escapes := quote != '`' && s.backslash || quote == '\'' && s.behindE()
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; {
		case c == '\\' && escapes:
			s.pos++
		case c != quote:
		case s.next() == quote:
			s.pos++
		default:
			s.pos++
			return nil
		}
	}
	s.pos = len(s.text)
	return s.wrong(start, "a quote")
}

// behindE reports whether the quote begins an E'…' text.
func (s *textScanner) behindE() bool {
	return s.pos > 0 && s.text[s.pos-1]|0x20 == 'e' && (s.pos == 1 || !isWordByte(s.text[s.pos-2]))
}

// dollar passes over $tag$ text $tag$, or over the dollar sign of anything else.
func (s *textScanner) dollar() error {
	end := s.pos + 1
	for end < len(s.text) && isNameByte(s.text[end]) {
		end++
	}
	if end == len(s.text) || s.text[end] != '$' || isDigit(s.text[s.pos+1]) {
		s.pos++
		return nil
	}
	tag := s.text[s.pos : end+1]
	length := strings.Index(s.text[end+1:], tag)
	if length < 0 {
		return s.wrong(s.pos, "a dollar quote")
	}
	s.pos = end + 1 + length + len(tag)
	return nil
}

func (s *textScanner) closeParenthesis() {
	switch last := len(s.opened) - 1; {
	case last >= 0:
		s.opened = s.opened[:last]
	case s.loose == nil:
		s.loose = &UsageError{Kind: ErrSyntax, Op: "read", Subject: "SQL text", Reason: fmt.Sprintf("the parenthesis at byte %d closes nothing", s.pos)}
	}
	s.pos++
}

func (s *textScanner) question() {
	if s.next() == '?' {
		s.part(2, textPart{literal: "?"})
		return
	}
	s.part(1, textPart{positional: true})
}

func (s *textScanner) colon() {
	next := s.next()
	switch {
	case next == ':':
		s.pos += 2
		return
	case !isNameByte(next) || isDigit(next) || s.pos > 0 && isWordByte(s.text[s.pos-1]):
		s.pos++
		return
	}
	end := s.pos + 1
	for end < len(s.text) && isNameByte(s.text[end]) {
		end++
	}
	s.part(end-s.pos, textPart{name: s.text[s.pos+1 : end]})
}

func (s *textScanner) escape() {
	if s.next() == ':' {
		s.part(2, textPart{literal: ":"})
		return
	}
	s.stray = true
	s.pos++
}

// part ends the literal text before the position, and adds a part that stands
// for the next bytes.
func (s *textScanner) part(length int, p textPart) {
	s.cut(s.pos)
	s.parts = append(s.parts, p)
	s.pos += length
	s.from = s.pos
}

func (s *textScanner) cut(end int) {
	if end > s.from {
		s.parts = append(s.parts, textPart{literal: s.text[s.from:end]})
	}
	s.from = end
}

// next is the byte behind the present one, or 0.
func (s *textScanner) next() byte {
	if s.pos+1 < len(s.text) {
		return s.text[s.pos+1]
	}
	return 0
}

// maxWords is how many words tell what a statement is: CREATE OR REPLACE
// DEFINER = root @ localhost TRIGGER is the longest way to begin.
const maxWords = 8

// word passes over a word or number.
func (s *textScanner) word() {
	start := s.pos
	for s.pos < len(s.text) && isWordByte(s.text[s.pos]) {
		s.pos++
	}
	word := strings.ToUpper(s.text[start:s.pos])
	if len(s.words) < maxWords || s.words[0] == "SET" {
		s.words = append(s.words, word)
	}
	s.nest(word)
	s.lastWord = word
}

// nest counts the blocks of a trigger's or routine's body, in which semicolons
// separate statements that are all part of the one.
func (s *textScanner) nest(word string) {
	if s.words[0] != "CREATE" || !slices.ContainsFunc(s.words, isRoutine) {
		return
	}
	switch afterEnd := s.lastWord == "END"; {
	case word == "END":
		s.depth = max(0, s.depth-1)
	case word == "BEGIN", word == "CASE" && !afterEnd && s.depth > 0:
		s.depth++
	case afterEnd && slices.Contains(controlWords, word):
		// IF and its like are not counted where they begin.
		s.depth++
	}
}

func (s *textScanner) checkMix() error {
	positional := slices.ContainsFunc(s.parts, func(p textPart) bool { return p.positional })
	named := slices.ContainsFunc(s.parts, func(p textPart) bool { return p.name != "" })
	if !positional || !named {
		return nil
	}
	return &UsageError{
		Kind: ErrArgument, Op: "read", Subject: "SQL text", Reason: "? and :name are mixed",
		Advice: `use one of them; write ?? for a question mark and \: for a colon`,
	}
}

func (s *textScanner) wrong(at int, what string) error {
	e := &UsageError{Kind: ErrSyntax, Op: "read", Subject: "SQL text", Reason: fmt.Sprintf("%s that begins at byte %d is never closed", what, at)}
	if s.text[at] == 0 {
		e.Reason = fmt.Sprintf("%s at byte %d", what, at)
	}
	return e
}

var (
	schemaVerbs  = []string{"CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "GRANT", "REVOKE", "COMMENT"}
	txVerbs      = []string{"BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "XA"}
	txScopes     = []string{"SESSION", "GLOBAL", "LOCAL"}
	txWords      = []string{"TRANSACTION", "CHARACTERISTICS"}
	routineWords = []string{"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}
	controlWords = []string{"IF", "LOOP", "WHILE", "REPEAT", "FOR"}
)

// controlsTransaction reports whether a statement that begins with these words
// begins, ends or marks a transaction, or changes how one begins.
func controlsTransaction(words []string) bool {
	second := wordAt(words, 1)
	switch words[0] {
	case "START", "PREPARE":
		return second == "TRANSACTION"
	case "SET":
		if slices.Contains(txScopes, second) {
			second = wordAt(words, 2)
		}
		return slices.Contains(txWords, second) || slices.Contains(words, "AUTOCOMMIT")
	}
	return slices.Contains(txVerbs, words[0])
}

func isRoutine(word string) bool { return slices.Contains(routineWords, word) }

func wordAt(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isNameByte reports whether a byte may stand in the name of a parameter.
func isNameByte(c byte) bool {
	return c == '_' || c >= 0x80 || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// isWordByte reports whether a byte may stand in a word of SQL.
func isWordByte(c byte) bool { return c == '$' || isNameByte(c) }

// textCache remembers texts that were taken apart. A program has few of them;
// one that makes them up at run time starts the cache anew now and then.
type textCache struct {
	mu    sync.RWMutex
	texts map[SQL]*scannedText
}

const (
	maxCachedTexts      = 1024
	maxCachedTextLength = 1 << 14
)

var scannedTexts textCache

func (c *textCache) get(text SQL) *scannedText {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.texts[text]
}

func (c *textCache) put(text SQL, scanned *scannedText) {
	if len(text) > maxCachedTextLength {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil || len(c.texts) >= maxCachedTexts {
		c.texts = map[SQL]*scannedText{}
	}
	c.texts[text] = scanned
}
