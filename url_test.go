// This file tests database URLs: their forms, the way back, and that nothing
// shows a password.

package orm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type shownURL struct {
	Scheme, Dialect, Driver, User, Password string
	HasPassword                             bool
	Host                                    string
	Port                                    int
	Database                                string
	Query                                   map[string][]string
}

func shownParts(u *URL) shownURL {
	password, has := u.Password()
	f := shownURL{
		Scheme: u.Scheme(), Dialect: u.DialectName(), Driver: u.DriverName(), User: u.User(), Password: password, HasPassword: has,
		Host: u.Host(), Port: u.Port(), Database: u.Database(),
	}
	if q := u.Query(); len(q) > 0 {
		f.Query = q
	}
	return f
}

func TestURLForms(t *testing.T) {
	tests := []struct {
		text string
		want shownURL
		back string // what Render gives, if it is not the text
	}{
		{"sqlite://", shownURL{Scheme: "sqlite", Dialect: "sqlite"}, ""},
		{"sqlite:///", shownURL{Scheme: "sqlite", Dialect: "sqlite"}, "sqlite://"},
		{"sqlite:///relative.db", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: "relative.db"}, ""},
		{"sqlite:////abs/file.db", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: "/abs/file.db"}, ""},
		{"sqlite:///:memory:", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: ":memory:"}, ""},
		{"sqlite:///a@b.db", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: "a@b.db"}, ""},
		{"sqlite:///100%25.db?mode=ro", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: "100%.db", Query: map[string][]string{"mode": {"ro"}}}, ""},
		{"sqlite:///100%.db", shownURL{Scheme: "sqlite", Dialect: "sqlite", Database: "100%.db"}, "sqlite:///100%25.db"},
		{
			"postgres://u:p@h:5432/db?sslmode=disable",
			shownURL{Scheme: "postgres", Dialect: "postgres", User: "u", Password: "p", HasPassword: true, Host: "h", Port: 5432, Database: "db", Query: map[string][]string{"sslmode": {"disable"}}}, "",
		},
		{
			"postgresql+pq://u:p%40ss%2Fw%3A%3F%23%25@h/db",
			shownURL{Scheme: "postgresql+pq", Dialect: "postgresql", Driver: "pq", User: "u", Password: "p@ss/w:?#%", HasPassword: true, Host: "h", Database: "db"}, "",
		},
		{"postgres://u:a@b@h/db", shownURL{Scheme: "postgres", Dialect: "postgres", User: "u", Password: "a@b", HasPassword: true, Host: "h", Database: "db"}, "postgres://u:a%40b@h/db"},
		{"postgres://u:@h", shownURL{Scheme: "postgres", Dialect: "postgres", User: "u", HasPassword: true, Host: "h"}, ""},
		{"postgres://one:1,two:2/db", shownURL{Scheme: "postgres", Dialect: "postgres", Host: "one:1,two:2", Database: "db"}, ""},
		{"postgres://[::1]:5432/db", shownURL{Scheme: "postgres", Dialect: "postgres", Host: "::1", Port: 5432, Database: "db"}, ""},
		{"postgres://[::1]/db", shownURL{Scheme: "postgres", Dialect: "postgres", Host: "::1", Database: "db"}, ""},
		{"mysql://root@127.0.0.1:3306/db", shownURL{Scheme: "mysql", Dialect: "mysql", User: "root", Host: "127.0.0.1", Port: 3306, Database: "db"}, ""},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			u, err := ParseURL(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, shownParts(u)); diff != "" {
				t.Errorf("parts (-want +got)\n%s", diff)
			}
			back := test.back
			if back == "" {
				back = test.text
			}
			if diff := cmp.Diff(back, u.Render()); diff != "" {
				t.Errorf("Render (-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnreadableURLKeepsItsPasswordSecret(t *testing.T) {
	tests := []struct{ name, text string }{
		{"no scheme", "user:hunter2@host/db"},
		{"a scheme that is none", "pg sql://user:hunter2@host/db"},
		{"a port that is no number", "postgres://user:x@host:hunter2/db"},
		{"a port out of range", "postgres://host:99999/hunter2"},
		{"a slash in the password", "postgres://user:hunter2/x@host/db"},
		{"a slash behind digits in the password", "postgres://user:12/hunter2@host/db"},
		{"a question mark in the password", "postgres://user:12?hunter2@host/db"},
		{"options that cannot be decoded", "postgres://user:hunter2@host/db?a=%zzhunter2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseURL(test.text)
			wantError(t, err, ErrURL)
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "hunter2") {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestPrintedURLHidesPasswords(t *testing.T) {
	u, err := ParseURL("postgres://u:hunter2@h/db?password=hunter2&sslPassword=hunter2&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	want := "postgres://u:***@h/db?password=***&sslPassword=***&sslmode=disable"
	if diff := cmp.Diff(want, u.String()); diff != "" {
		t.Errorf("String (-want +got)\n%s", diff)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t"} {
		for _, shown := range []string{fmt.Sprintf(verb, u), fmt.Sprintf(verb, *u), fmt.Sprintf(verb, struct{ U *URL }{u}), fmt.Sprintf(verb, []URL{*u})} {
			if strings.Contains(shown, "hunter2") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2")) {
				t.Errorf("%s shows %s", verb, shown)
			}
		}
	}
	if (URL{}).String() != "" {
		t.Error("the zero URL is an empty text")
	}
}

func TestURLEditsLeaveTheOriginal(t *testing.T) {
	u, err := ParseURL("postgres://u:p@h:1/db?a=1&b=2")
	if err != nil {
		t.Fatal(err)
	}
	edited := u.WithUser("v").WithPassword("q/").WithHost("::2").WithPort(7).WithDatabase("x?y").WithQuery("a").WithQuery("c", "3", "4")
	if diff := cmp.Diff("postgres://v:q%2F@[::2]:7/x%3Fy?b=2&c=3&c=4", edited.Render()); diff != "" {
		t.Errorf("edited (-want +got)\n%s", diff)
	}
	u.Query().Set("a", "changed")
	if diff := cmp.Diff("postgres://u:p@h:1/db?a=1&b=2", u.Render()); diff != "" {
		t.Errorf("original (-want +got)\n%s", diff)
	}
}

// FuzzURL checks that what is read can be written and read again, and that what
// is shown does not depend on the password.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{"sqlite:///x", "postgres://u:p@h:5/d?k=v", "mysql://u:%zz@[::1]:1/%3f?password=x", "a://,@,/?=", "p+q://:@:9/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURL(text)
		if err != nil {
			return
		}
		again, err := ParseURL(u.Render())
		if err != nil {
			t.Fatalf("%q is written as %q, which cannot be read: %v", text, u.Render(), err)
		}
		if diff := cmp.Diff(shownParts(u), shownParts(again)); diff != "" {
			t.Errorf("%q (-read +read again)\n%s", text, diff)
		}
		if _, has := u.Password(); has && u.String() != u.WithPassword("another secret").String() {
			t.Errorf("%q shows its password", text)
		}
	})
}
