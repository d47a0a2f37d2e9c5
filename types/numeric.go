// This file keeps decimals exact. They cross as text in one canonical form: no
// sign or zeros that say nothing, no exponent, and as many digits behind the
// point as the column has. So equal numbers are equal texts on a database that
// has no decimals of its own.

package types

import (
	"database/sql/driver"
	"strconv"
	"strings"
)

// greatestExponent bounds the text of a decimal: PostgreSQL takes no more.
const greatestExponent = 131072

const noDecimal = refusal("the text is no decimal number")

// bindDecimal checks a decimal number against the column and makes it canonical.
func bindDecimal(text string, t Type) (driver.Value, error) {
	canonical, err := canonicalDecimal(text, t)
	if err != nil {
		return nil, err
	}
	return canonical, nil
}

func canonicalDecimal(text string, t Type) (string, error) {
	negative, whole, fraction, err := splitDecimal(text)
	if err != nil {
		return "", err
	}
	if t.precision > 0 {
		if fraction, err = fit(whole, fraction, t); err != nil {
			return "", err
		}
	}
	if whole == "" {
		whole = "0"
	}
	if strings.Trim(whole+fraction, "0") == "" {
		negative = false
	}
	return spellDecimal(negative, whole, fraction), nil
}

func spellDecimal(negative bool, whole, fraction string) string {
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// fit fills the fraction up to the scale of the column, and refuses digits that
// the column would cut off.
func fit(whole, fraction string, t Type) (string, error) {
	if len(whole) > t.precision-t.scale {
		return "", refusal("the number has more than " + strconv.Itoa(t.precision-t.scale) + " digits before the point")
	}
	if len(fraction) > t.scale {
		if strings.Trim(fraction[t.scale:], "0") != "" {
			return "", refusal("the number has more than " + strconv.Itoa(t.scale) + " digits behind the point")
		}
		return fraction[:t.scale], nil
	}
	return fraction + strings.Repeat("0", t.scale-len(fraction)), nil
}

// splitDecimal takes a number apart. The whole part has no leading zeros.
func splitDecimal(text string) (negative bool, whole, fraction string, err error) {
	mantissa, exponent, err := cutExponent(text)
	if err != nil {
		return false, "", "", err
	}
	switch {
	case strings.HasPrefix(mantissa, "-"):
		negative, mantissa = true, mantissa[1:]
	case strings.HasPrefix(mantissa, "+"):
		mantissa = mantissa[1:]
	}
	whole, fraction, _ = strings.Cut(mantissa, ".")
	if whole == "" && fraction == "" || !digits(whole) || !digits(fraction) {
		return false, "", "", noDecimal
	}
	whole, fraction = shift(whole, fraction, exponent)
	return negative, strings.TrimLeft(whole, "0"), fraction, nil
}

func cutExponent(text string) (mantissa string, exponent int, err error) {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, nil
	}
	exponent, err = strconv.Atoi(text[i+1:])
	if err != nil {
		return "", 0, noDecimal
	}
	if exponent > greatestExponent || exponent < -greatestExponent {
		return "", 0, outOfRange
	}
	return text[:i], exponent, nil
}

// shift moves the decimal point.
func shift(whole, fraction string, by int) (string, string) {
	switch {
	case by > 0:
		fraction += strings.Repeat("0", max(0, by-len(fraction)))
		return whole + fraction[:by], fraction[by:]
	case by < 0:
		whole = strings.Repeat("0", max(0, -by-len(whole))) + whole
		return whole[:len(whole)+by], whole[len(whole)+by:] + fraction
	}
	return whole, fraction
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// readDecimal takes what drivers give for decimals, as text.
func readDecimal(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return strings.Clone(v), nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", unexpected(src)
}

// readDecimalText is the canonical text of what drivers give. A number that is
// greater than the column, such as a sum, keeps its own digits.
func readDecimalText(src any, t Type) (string, error) {
	text, err := readDecimal(src)
	if err != nil {
		return "", err
	}
	if canonical, err := canonicalDecimal(text, t); err == nil {
		return canonical, nil
	}
	return canonicalDecimal(text, Numeric(0, 0))
}
