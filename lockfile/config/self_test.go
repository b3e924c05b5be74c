package config

import (
	"strings"
	"testing"
)

func TestSelf(t *testing.T) {
	c, err := Parse("plumb.yaml", []byte(head+`self:
  - git@github.com:acme/clusters.git
  - {url: "https://git.acme.io/clusters", branch: prod}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		url, name    string
		own, follows bool
	}{
		{"https://github.com/Acme/clusters", "main", true, true},
		{"https://github.com/Acme/clusters", "", true, true},
		{"https://github.com/Acme/clusters", "HEAD", true, true},
		{"https://github.com/Acme/clusters", "refs/heads/master", true, true},
		{"https://github.com/acme/clusters", "staging", true, false},
		{"https://github.com/acme/clusters", "refs/tags/main", true, false},
		{"ssh://git@git.acme.io/clusters.git", "prod", true, true},
		{"ssh://git@git.acme.io/clusters.git", "main", true, false},
		{"https://github.com/acme/bases", "main", false, false},
	} {
		s, own := Own(c.Self, tt.url)
		if own != tt.own || own && s.Follows(tt.name) != tt.follows {
			t.Errorf("%s at %q: own %v, follows %v", tt.url, tt.name, own, s.Follows(tt.name))
		}
	}
}

func TestSelfRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"self: [./here]\n": "not the URL of a git repository",
		"self: [https://a.io/x, \"git@a.io:x.git\"]\n":     "duplicate",
		"self: [{branch: main}]\n":                         "url",
		"self: [{url: \"https://a.io/x\", ref: main}]\n":   "ref",
		"self: https://github.com/acme/clusters\n":         "self",
		"self: [{url: \"https://a.io/x\", branch: [a]}]\n": "branch",
	} {
		if _, err := Parse("plumb.yaml", []byte(head+text)); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, ok := ParseSelf("here"); ok {
		t.Error("a path is the URL of a repository")
	}
	if s, ok := ParseSelf("https://a.io/x#prod"); !ok || s != (Self{"https://a.io/x", "prod"}) {
		t.Errorf("got %+v (%v)", s, ok)
	}
}
