package lockfile

import "testing"

func TestSamePlatform(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"linux/amd64", "linux/amd64", true},
		{"linux/arm64/v8", "linux/arm64", true},
		{"linux/arm", "linux/arm/v7", true},
		{"linux/arm/v6", "linux/arm", false},
		{"linux/amd64", "linux/arm64", false},
		{"windows/amd64", "linux/amd64", false},
	} {
		if got := SamePlatform(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestValidPlatform(t *testing.T) {
	for s, want := range map[string]bool{
		"linux/amd64": true, "linux/arm/v7": true, "Linux/x86_64": true, "a/1.2-3": true,
		"": false, "linux": false, "linux/": false, "/amd64": false, "linux//v7": false, "linux/arm/v7/": false,
		"linux/arm/v7/x": false, "1linux/amd64": false, "linux /amd64": false, "linux/amd64\n": false, "linux/\u00e4": false,
	} {
		if got := validPlatform(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
