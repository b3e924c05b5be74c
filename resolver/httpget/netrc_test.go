package httpget_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/httpget"
)

// TestNetrc reads files as curl does, but for what is meant for every host.
func TestNetrc(t *testing.T) {
	type logins = map[string]httpget.Login
	ann := httpget.Login{Username: "ann", Password: "a#b"}
	for name, tt := range map[string]struct {
		text string
		want logins
	}{
		"empty":        {"", logins{}},
		"one":          {"machine a.example login ann password a#b", logins{"a.example": ann}},
		"many lines":   {"machine\ta.example\r\n login ann\n\n password a#b", logins{"a.example": ann}},
		"in capitals":  {"machine A.Example login ann password a#b", logins{"a.example": ann}},
		"account":      {"machine a.example login ann account x password a#b", logins{"a.example": ann}},
		"default":      {"default login ann password a#b", logins{}},
		"default last": {"machine a.example login ann password a#b default login x password y", logins{"a.example": ann}},
		"a macro":      {"macdef x\nmachine b.example login x\n\nmachine a.example login ann password a#b", logins{"a.example": ann}},
		"a comment":    {"# machine b.example login x\nmachine a.example login ann password a#b # x", logins{"a.example": ann}},
		"cut":          {"machine a.example login", logins{"a.example": {}}},
		"no host":      {"login ann password a#b machine", logins{}},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := httpget.Netrc(func(name string) string {
			return map[string]string{"NETRC": path}[name]
		})
		for host, login := range tt.want {
			login.From = path
			tt.want[host] = login
		}
		if err != nil || !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, tt.want)
		}
	}
}

// TestNetrcFile finds the file in the user's home, and bounds it.
func TestNetrcFile(t *testing.T) {
	home := t.TempDir()
	getenv := func(name string) string {
		return map[string]string{"HOME": home, "USERPROFILE": home}[name]
	}
	if got, err := httpget.Netrc(getenv); err != nil || len(got) > 0 {
		t.Errorf("without a file: %v, %v", got, err)
	}
	path := filepath.Join(home, ".netrc")
	entry := "machine a.example login ann password hush\n"
	for pad, want := range map[int]string{0: "", 4<<20 + 1: "longer than 4 MiB"} {
		if err := os.WriteFile(path, []byte(entry+strings.Repeat("\n", pad)), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := httpget.Netrc(getenv)
		switch {
		case want == "" && (err != nil || got["a.example"].Username != "ann"):
			t.Errorf("%v, %v", got, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) || len(got) > 0):
			t.Errorf("%v, %v, want %q", got, err, want)
		}
	}
	none := func(string) string { return "" }
	if got, err := httpget.Netrc(none); err != nil || len(got) > 0 {
		t.Errorf("without a home: %v, %v", got, err)
	}
}
