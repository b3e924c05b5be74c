package transport

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func TestParseChallenge(t *testing.T) {
	type parameters = map[string]string
	tests := []struct {
		headers []string
		scheme  string // "" where there is no challenge that is supported
		want    parameters
	}{
		{[]string{`Bearer realm="https://auth.docker.io/token",service="registry.docker.io"`}, bearer,
			parameters{"realm": "https://auth.docker.io/token", "service": "registry.docker.io"}},
		{[]string{`bearer Realm=https://a/token , scope="repository:a/b:pull,push"`}, bearer,
			parameters{"realm": "https://a/token", "scope": "repository:a/b:pull,push"}},
		{[]string{`Basic realm="Registry \"Realm\""`}, basic, parameters{"realm": `Registry "Realm"`}},
		{[]string{`BASIC`}, basic, parameters{}},
		{[]string{`Negotiate`, `Basic realm=x`}, basic, parameters{"realm": "x"}},
		{[]string{`Negotiate, Basic realm=x, Bearer realm=y`}, basic, parameters{"realm": "x"}},
		{[]string{`Digest realm="a, Basic realm=b", nonce=1 Bearer realm=c`}, bearer, parameters{"realm": "c"}},
		{[]string{`Bearer realm="unclosed`}, bearer, parameters{"realm": "unclosed"}},
		{[]string{`Bearer realm = "x"`}, bearer, parameters{"realm": "x"}},
		{[]string{`Negotiate YII=`}, "", nil},
		{[]string{`Basics realm=x`}, "", nil},
		{[]string{`"Basic"`, `=`, ``}, "", nil},
		{nil, "", nil},
	}
	for _, test := range tests {
		got, ok := parseChallenge(http.Header{"Www-Authenticate": test.headers})
		if ok != (test.scheme != "") {
			t.Errorf("%q: ok is %v", test.headers, ok)
		}
		want := transport.Challenge{Scheme: test.scheme, Parameters: test.want}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.headers, diff)
		}
	}
}

// FuzzParseChallenge checks that only supported challenges are returned.
func FuzzParseChallenge(f *testing.F) {
	f.Add(`Bearer realm="https://a/token",service="x, y" , Basic realm=z`)
	f.Add(`Negotiate YII=, Basic`)
	f.Fuzz(func(t *testing.T, value string) {
		c, ok := parseChallenge(http.Header{"Www-Authenticate": {value}})
		if ok != (c.Scheme == basic || c.Scheme == bearer) {
			t.Fatalf("%q: %v %v", value, c, ok)
		}
	})
}
