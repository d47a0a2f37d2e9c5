// This file holds the collation of decimals: texts compare by the numbers that
// they spell, whatever their number of digits.

package sqlite

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is a number taken apart: sign · 0.digits · 10^exponent, with no zero
// at either end of the digits.
type decimal struct {
	sign     int // 0 for zero
	exponent int
	digits   string
}

// compareDecimals orders numbers by value. What is no number comes after all
// numbers, in the order of its bytes.
func compareDecimals(left, right string) int {
	a, aIsNumber := parseDecimal(left)
	b, bIsNumber := parseDecimal(right)
	switch {
	case !aIsNumber && !bIsNumber:
		return strings.Compare(left, right)
	case !bIsNumber:
		return -1
	case !aIsNumber:
		return 1
	case a.sign != b.sign:
		return cmp.Compare(a.sign, b.sign)
	case a.exponent != b.exponent:
		return a.sign * cmp.Compare(a.exponent, b.exponent)
	}
	return a.sign * strings.Compare(a.digits, b.digits)
}

// parseDecimal reads digits with an optional sign, point and exponent.
func parseDecimal(text string) (decimal, bool) {
	text = strings.TrimSpace(text)
	sign := 1
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = -1, rest
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	exponent := 0
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		n, err := strconv.ParseInt(text[at+1:], 10, 32)
		if err != nil {
			return decimal{}, false
		}
		text, exponent = text[:at], int(n)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return decimal{}, false
	}
	significant := strings.TrimLeft(digits, "0")
	exponent += len(whole) - (len(digits) - len(significant))
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return decimal{}, true
	}
	return decimal{sign: sign, exponent: exponent, digits: significant}, true
}
