// This file tests how Go names become SQL names, and what may be a name.

package orm

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSnakeCaseKeepsInitialismsTogether(t *testing.T) {
	names := map[string]string{
		"":               "",
		"ID":             "id",
		"Name":           "name",
		"UserID":         "user_id",
		"HTTPServer":     "http_server",
		"SKU":            "sku",
		"LineNo":         "line_no",
		"CreatedAt":      "created_at",
		"TagIDs":         "tag_ids",
		"IDs":            "ids",
		"URLsSeen":       "urls_seen",
		"APIKeyHash":     "api_key_hash",
		"HTTPSProxy":     "https_proxy",
		"MD5Hash":        "md5_hash",
		"Sha256":         "sha256",
		"Line2Text":      "line2_text",
		"X":              "x",
		"AValue":         "a_value",
		"User_ID":        "user_id",
		"already_snake":  "already_snake",
		"GrößeÄnderung":  "größe_änderung",
		"unexportedName": "unexported_name",
	}
	got := map[string]string{}
	for name := range names {
		got[name] = snakeCase(name)
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamesThatNoDatabaseTakesAreRefused(t *testing.T) {
	long := strings.Repeat("x", maxName)
	for _, test := range []struct {
		name, text, want string
	}{
		{"plain", "users", ""},
		{"reserved word", "select", ""},
		{"quotes and spaces", `odd "name" of a table`, ""},
		{"not Latin", "größe", ""},
		{"as long as can be", long, ""},
		{"empty", "", `orm: check name "": the name is empty`},
		{"NUL", "a\x00b", `orm: check name "a\x00b": the name contains a NUL byte`},
		{"bad UTF-8", "a\xff", `orm: check name "a\xff": the name is not valid UTF-8`},
		{"too long", long + "x", `orm: check name "` + long + `x": the name is longer than 255 bytes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := validateName(test.text)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err != nil && !errors.Is(err, ErrBadIdentifier) {
				t.Errorf("%v is no ErrBadIdentifier", err)
			}
		})
	}
}

func TestNearestFindsTheNameThatWasMeant(t *testing.T) {
	known := []string{"column", "primary_key", "notnull", "nullable", "size", "unique"}
	for typed, want := range map[string]string{
		"siez":       "size",
		"primaryKey": "primary_key",
		"PrimaryKey": "primary_key",
		"not null":   "notnull",
		"nulable":    "nullable",
		"colum":      "column",
		"uniqeu":     "unique",
		"xyz":        "",
		"":           "",
		"references": "",
	} {
		if got := nearest(typed, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
