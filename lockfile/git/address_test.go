package git

import "testing"

func TestAddressAuthenticated(t *testing.T) {
	for text, want := range map[string]bool{
		"https://git.example/a":       true,
		"ssh://git@git.example/a":     true,
		"git@git.example:a":           true,
		"file:///srv/a":               true,
		"/srv/a":                      true,
		"http://git.example/a":        false,
		"git://git.example/a":         false,
		"http://127.0.0.1:8080/a":     true,
		"git://localhost/a":           true,
		"http://[::1]:80/a":           true,
		"http://127.0.0.1.example/a":  false,
		"http://localhost.example/a":  false,
		"git://10.0.0.1:9418/a":       false,
		"http://127.0.0.1@evil.org/a": false,
	} {
		a, err := ParseAddress(text)
		if err != nil {
			if want {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if a.Authenticated() != want {
			t.Errorf("%s: authenticated %v, want %v", text, a.Authenticated(), want)
		}
	}
}

func TestParseAddressOfFolder(t *testing.T) {
	a, err := ParseAddress("/srv//a/../b")
	if err != nil || a != (Address{Scheme: "file", Path: "/srv/b"}) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"srv/a", "./a", "", "/a\n"} {
		if a, err := ParseAddress(text); err == nil {
			t.Errorf("%q is %+v", text, a)
		}
	}
}
