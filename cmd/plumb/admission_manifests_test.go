package main

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/install"
)

// TestManifestsFlags checks that what is installed is started with flags that plumb
// admission serve has.
func TestManifestsFlags(t *testing.T) {
	known := map[string]bool{}
	for _, f := range admissionServeCommand(&cli.IO{}).Flags {
		for _, name := range f.Names() {
			known[name] = true
		}
	}
	argument := regexp.MustCompile(`(?m)^ +- --([a-z-]+)=`)
	used := map[string]bool{}
	for _, certificates := range []install.Certificates{install.SelfSigned, install.CertManager} {
		text, err := install.Manifests(install.Options{
			Image: "plumb@sha256:1111111111111111111111111111111111111111111111111111111111111111",
			Git:   "https://git.example.org/acme/cluster.git", Paths: []string{"."},
			Credentials: "git", TrustCommits: "signers", Policy: "policies",
			Mode: admission.Warn, Existing: true, Exempt: []string{"kube-system"},
			BreakGlass: []string{"oncall"}, Certificates: certificates})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range argument.FindAllSubmatch(text, -1) {
			used[string(m[1])] = true
		}
	}
	for name := range used {
		if !known[name] {
			t.Errorf("--%s: plumb admission serve has no such flag", name)
		}
	}
	want := []string{"branch", "break-glass", "cert", "credentials", "drain", "exempt", "existing",
		"git", "key", "mode", "path", "policy", "self-signed", "state", "trust-commits"}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, want) {
		t.Errorf("it is started with %q, want %q", got, want)
	}
}
