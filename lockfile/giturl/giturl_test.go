package giturl

import "testing"

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"https://github.com/acme/bases.git":         "https://github.com/acme/bases.git",
		"https://GitHub.com/acme/bases.git/":        "https://github.com/acme/bases.git",
		"https://user:secret@github.com/acme/bases": "https://github.com/acme/bases",
		"https://github.com:443/acme/bases?ref=v1":  "https://github.com/acme/bases",
		"https://git.example.com:8443/a/b":          "https://git.example.com:8443/a/b",
		"git@github.com:acme/bases.git":             "ssh://github.com/acme/bases.git",
		"ssh://git@github.com/acme/bases.git":       "ssh://github.com/acme/bases.git",
		"ssh://git@host:2222/acme/bases":            "ssh://host:2222/acme/bases",
		"git::https://github.com/acme/bases":        "https://github.com/acme/bases",
		"git+ssh://git@host/acme/bases":             "ssh://host/acme/bases",
		"git://host/acme":                           "git://host/acme",
		"file:///srv/git/bases.git":                 "file:///srv/git/bases.git",
		"http://[::1]:3000/a/b":                     "http://[::1]:3000/a/b",
		"":                                          "",
		"./bases":                                   "",
		"github.com/acme/bases":                     "", // what kustomize takes, and no one else
		`C:\bases`:                                  "",
		"https://github.com":                        "",
		"https:///acme/bases":                       "",
		"oci://ghcr.io/acme/bases":                  "",
		"https://github.com/%zz":                    "",
	} {
		if got, ok := Canonical(in); got != want || ok != (want != "") {
			t.Errorf("%q: got %q (%v), want %q", in, got, ok, want)
		}
	}
}

func TestSame(t *testing.T) {
	const one = "https://github.com/Acme/Bases.git"
	for other, want := range map[string]bool{
		"https://github.com/acme/bases":           true,
		"http://GITHUB.com:80/acme/bases.git/":    true,
		"git@github.com:acme/bases.git":           true,
		"ssh://git@github.com:22/acme/bases":      true,
		"ssh://git@github.com:2222/acme/bases":    true,
		"https://token@github.com/acme/bases.git": true,
		"https://github.com/acme/base":            false,
		"https://github.com/acme/bases/sub":       false,
		"https://gitlab.com/acme/bases":           false,
		"":                                        false,
	} {
		if got := Same(one, other); got != want {
			t.Errorf("%q and %q: got %v, want %v", one, other, got, want)
		}
	}
	if Same("", "") {
		t.Error("two empty texts are no repository")
	}
}
