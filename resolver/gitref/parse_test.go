package gitref_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/gitref"
)

const (
	a40 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	b40 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// TestParseRefs has lists of refs, and lists with a fault each.
func TestParseRefs(t *testing.T) {
	for _, tt := range []struct{ name, out, want string }{
		{"empty", "", ""},
		{"one of each", "ref: refs/heads/main\tHEAD\n" + a40 + "\tHEAD\n" + a40 + "\trefs/heads/main\n" +
			b40 + "\trefs/tags/v1\n" + a40 + "\trefs/tags/v1^{}\n", ""},
		{"not sorted", a40 + "\trefs/heads/b\n" + a40 + "\trefs/heads/a\n", ""},
		{"another symbolic ref", "ref: refs/remotes/o/main\trefs/remotes/o/HEAD\n", ""},
		{"cut off", a40 + "\trefs/heads/main", "line 1: "},
		{"no tab", a40 + " refs/heads/main\n", "no tab"},
		{"short id", a40[1:] + "\trefs/heads/main\n", "invalid object id"},
		{"upper case id", strings.ToUpper(a40) + "\trefs/heads/main\n", "invalid object id"},
		{"zero id", strings.Repeat("0", 40) + "\trefs/heads/main\n", "invalid object id"},
		{"two object formats", a40 + "\trefs/heads/a\n" + strings.Repeat("a", 64) + "\trefs/heads/b\n",
			"line 2: invalid object id"},
		{"twice", a40 + "\trefs/heads/a\n" + b40 + "\trefs/heads/a\n", "is there twice"},
		{"peeled twice", b40 + "\trefs/tags/v1\n" + a40 + "\trefs/tags/v1^{}\n" + a40 + "\trefs/tags/v1^{}\n",
			"does not follow its tag"},
		{"peeled alone", a40 + "\trefs/tags/v1^{}\n", "does not follow its tag"},
		{"peeled after another", a40 + "\trefs/tags/v1\n" + a40 + "\trefs/tags/v2^{}\n", "does not follow"},
		{"two heads", "ref: refs/heads/a\tHEAD\nref: refs/heads/b\tHEAD\n", "HEAD names both"},
		{"head of nothing", "ref: evil\tHEAD\n", "names an invalid ref"},
		{"head of itself", "ref: HEAD\tHEAD\n", "names an invalid ref"},
		{"invalid name", a40 + "\trefs/heads/../x\n", "invalid ref name"},
		{"escape", a40 + "\trefs/heads/\x1b[31m\n", "invalid ref name"},
		{"no full name", a40 + "\tmain\n", "invalid ref name"},
	} {
		refs, err := gitref.ParseRefs(tt.out)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if (refs == nil) != (err != nil) {
			t.Errorf("%s: %v with %v", tt.name, refs, err)
		}
	}
}

// TestValidRef has names that git accepts, and those that it rejects.
func TestValidRef(t *testing.T) {
	for _, name := range []string{"HEAD", "refs/heads/main", "refs/tags/v1.2.3", "refs/heads/a@b",
		"refs/heads/ü", "refs/heads/@", "refs/pull/1/head", "refs/heads/a-", "refs/stash"} {
		if !gitref.ValidRef(name) {
			t.Errorf("%q is valid", name)
		}
	}
	for _, name := range []string{"", "main", "head", "refs/", "refs/heads/", "refs//a", "/refs/a",
		"refs/heads/.a", "refs/heads/a..b", "refs/heads/a.lock", "refs/heads/a.lock/b", "refs/heads/a b",
		"refs/heads/a~", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a?", "refs/heads/*",
		"refs/heads/[", `refs/heads/\`, "refs/heads/a@{1}", "refs/heads/a.", "refs/heads/\x7f"} {
		if gitref.ValidRef(name) {
			t.Errorf("%q is not valid", name)
		}
	}
}

// FuzzParseRefs checks that what is accepted has valid, sorted, distinct names.
func FuzzParseRefs(f *testing.F) {
	f.Add("ref: refs/heads/main\tHEAD\n" + a40 + "\tHEAD\n" + a40 + "\trefs/heads/main\n")
	f.Add(b40 + "\trefs/tags/v1\n" + a40 + "\trefs/tags/v1^{}\n")
	f.Fuzz(func(t *testing.T, out string) {
		refs, err := gitref.ParseRefs(out)
		if err != nil {
			return
		}
		before := ""
		for _, ref := range refs.All() {
			if ref.Name <= before || !gitref.ValidRef(ref.Name) {
				t.Errorf("%q after %q", ref.Name, before)
			}
			if found, ok := refs.Find(ref.Name); !ok || found != ref {
				t.Errorf("%v is not found", ref)
			}
			before = ref.Name
		}
	})
}

// TestCause has what git, curl and ssh wrote, and what it means.
func TestCause(t *testing.T) {
	for said, want := range map[string]gitref.Kind{
		"fatal: could not read Username for 'https://github.com': terminal prompts disabled":                             gitref.Auth,
		"fatal: Authentication failed for 'https://gitlab.com/a/b.git/'":                                                 gitref.Auth,
		"fatal: unable to access 'https://x/': The requested URL returned error: 403":                                    gitref.Auth,
		"git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.":                  gitref.Auth,
		"remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found":                           gitref.NotFound,
		"ERROR: Repository not found.\nfatal: Could not read from remote repository.":                                    gitref.NotFound,
		"fatal: remote error: access denied or repository not exported: /x":                                              gitref.NotFound,
		"fatal: '/x' does not appear to be a git repository":                                                             gitref.NotFound,
		"fatal: remote error: upload-pack: not our ref " + a40:                                                           gitref.NotFound,
		"Host key verification failed.\nfatal: Could not read from remote repository.":                                   gitref.HostKey,
		"fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate":                         gitref.TLS,
		"fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none CRLfile: none":       gitref.TLS,
		"fatal: unable to access 'https://x/': Could not resolve host: x":                                                gitref.Unreachable,
		"ssh: Could not resolve hostname x: Name or service not known":                                                   gitref.Unreachable,
		"ssh: connect to host x port 22: Connection refused":                                                             gitref.Unreachable,
		"fatal: unable to access 'https://x/': Received HTTP code 407 from proxy after CONNECT":                          gitref.Unreachable,
		"fatal: unable to access 'https://x/': The requested URL returned error: 503":                                    gitref.Unreachable,
		"fatal: unable to access 'https://x/': Failed to connect to x port 443 after 130 ms: Couldn't connect to server": gitref.Unreachable,
		"ssh: connect to host x port 22: Connection timed out":                                                           gitref.Timeout,
		"fatal: https://x/info/refs not valid: is this a git repository?":                                                gitref.Malformed,
		"fatal: protocol error: bad line length character: <htm":                                                         gitref.Malformed,
		"fatal: mismatched algorithms: client sha1; server sha256":                                                       gitref.Unsupported,
		"fatal: transport 'ext' not allowed":                                                                             gitref.Refused,
		"fatal: something else":                                                                                          gitref.Other,
	} {
		if got := gitref.CauseOf(said); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

// TestGist has messages, and what is repeated of them.
func TestGist(t *testing.T) {
	for message, want := range map[string]string{
		"warning: x\nfatal: y\n": "fatal: y",
		"Cloning\rremote: no way\nfatal: unable to access 'https://joe:hush@x/a': z": "remote: no way; fatal: unable to access 'https://x/a': z",
		"fatal: hush \x1b[31mred\u202e":                                              "fatal: … [31mred",
		"no sign\nlast line\n":                                                       "last line",
		"":                                                                           "",
		"fatal: " + strings.Repeat("é", 300) + "\n":                                  "fatal: " + strings.Repeat("é", 196) + "…",
	} {
		if got := gitref.Gist(message, []string{"hush"}); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}
