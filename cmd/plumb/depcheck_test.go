package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/plumb-dev/plumb"

// mayImport says what each package imports besides the standard library: the
// packages of this module without its path, those of others by the path of
// their module. Tests may import more. A package that is not named here fails the
// test, so that a new one is given its place.
var mayImport = map[string][]string{
	"lockfile/oci": {"github.com/distribution/reference"},
	"lockfile":     {"lockfile/oci", "github.com/distribution/reference"},

	"resolver/manifest/syntax": {"go.yaml.in/yaml/v3"},
	"resolver/manifest":        {"lockfile", "lockfile/oci", "resolver/manifest/syntax"},

	"resolver/track":  {"github.com/Masterminds/semver/v3"},
	"resolver/config": {"lockfile/oci", "resolver/track", "github.com/bmatcuk/doublestar/v4", "go.yaml.in/yaml/v3"},
	"resolver/tree":   {"golang.org/x/sync", "golang.org/x/sys"},
	"resolver/registry": {"lockfile", "lockfile/oci", "github.com/docker/cli", "github.com/google/go-containerregistry",
		"golang.org/x/sync"},
	"resolver/registry/registrytest": {"lockfile", "github.com/google/go-containerregistry"},

	"resolver/signed/signedtest": {"resolver/registry/registrytest", "verify/signature"},
	"resolver/signed": {"lockfile/oci", "verify/signature", "github.com/google/go-containerregistry",
		"github.com/sigstore/cosign/v2", "golang.org/x/sync"},

	"resolver/mirror":            {"github.com/sigstore/sigstore-go", "github.com/theupdateframework/go-tuf/v2"},
	"resolver/mirror/mirrortest": {"github.com/sigstore/sigstore", "github.com/theupdateframework/go-tuf/v2"},

	"resolver/inventory": {"resolver/config", "resolver/manifest", "resolver/tree"},

	"verify":   {"lockfile", "lockfile/oci", "resolver/manifest"},
	"resolver": {"lockfile", "lockfile/oci", "verify", "resolver/manifest", "resolver/registry", "resolver/track", "golang.org/x/sync"},

	"verify/signature": {"lockfile/oci", "github.com/secure-systems-lab/go-securesystemslib", "github.com/sigstore/protobuf-specs",
		"github.com/sigstore/rekor-tiles/v2", "github.com/sigstore/sigstore", "github.com/sigstore/sigstore-go", "google.golang.org/protobuf"},
	"verify/signature/signaturetest": {"verify/signature", "github.com/digitorus/timestamp", "github.com/go-openapi/runtime",
		"github.com/google/certificate-transparency-go", "github.com/secure-systems-lab/go-securesystemslib",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/rekor", "github.com/sigstore/rekor-tiles/v2",
		"github.com/sigstore/sigstore", "github.com/sigstore/sigstore-go", "golang.org/x/mod", "google.golang.org/protobuf"},

	"verify/policy": {"lockfile/oci", "resolver/manifest", "resolver/manifest/syntax", "verify/signature", "cel.dev/cel-go", "cuelang.org/go",
		"github.com/open-policy-agent/opa", "github.com/sigstore/sigstore-go", "github.com/theupdateframework/go-tuf/v2"},

	"verify/report": {"verify"},

	"verify/evidence": {"lockfile", "lockfile/oci", "verify/policy", "verify/signature"},

	"verify/admission/kube":           {"go.yaml.in/yaml/v3"},
	"verify/admission/cert":           {"verify/admission/kube"},
	"verify/admission/source/git":     {"github.com/go-git/go-billy/v5", "github.com/go-git/go-git/v5", "golang.org/x/crypto"},
	"verify/admission/source/gittest": {"golang.org/x/crypto"},
	"verify/admission/source/signers": {"verify/admission/source/git", "verify/signature", "github.com/ProtonMail/go-crypto",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/sigstore-go", "go.yaml.in/yaml/v3", "golang.org/x/crypto", "google.golang.org/protobuf"},
	"verify/admission/source": {"verify/admission/source/git", "github.com/go-git/go-git/v5"},
	"verify/admission": {"lockfile", "resolver/config", "resolver/manifest", "verify", "verify/admission/source", "verify/evidence",
		"verify/policy", "github.com/bmatcuk/doublestar/v4", "github.com/go-json-experiment/json", "golang.org/x/sync"},
	"verify/admission/apiservertest": {},
	"verify/admission/generate":      {"lockfile", "lockfile/oci", "verify/admission", "go.yaml.in/yaml/v3"},
	"verify/admission/server":        {"verify/admission", "verify/admission/source", "github.com/prometheus/client_golang", "golang.org/x/sync"},

	"cmd/plumb": {"verify/admission", "verify/admission/cert", "verify/admission/generate", "verify/admission/kube", "verify/admission/server", "verify/admission/source",
		"verify/admission/source/signers", "go.yaml.in/yaml/v3", "lockfile", "lockfile/oci", "verify", "verify/evidence", "verify/policy", "verify/report", "verify/signature", "resolver", "resolver/signed", "resolver/config", "resolver/manifest",
		"resolver/inventory", "resolver/mirror", "resolver/registry", "resolver/track", "resolver/tree", "github.com/bmatcuk/doublestar/v4",
		"github.com/rogpeppe/go-internal", "github.com/urfave/cli/v2", "golang.org/x/sync", "golang.org/x/term"},
}

// offline are the packages that must not be able to reach a network or start a
// process, not even by way of what they import.
var offline = []string{"lockfile", "lockfile/oci", "resolver/manifest", "resolver/manifest/syntax", "verify"}

// listed is what "go list -json" says of a package.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		seen[name] = true
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %s is not in the table of what may import what", name)
			continue
		}
		for _, path := range forbidden(p.Imports, allowed) {
			t.Errorf("package %s imports %s, which the table does not allow it", name, path)
		}
		if slices.Contains(offline, name) {
			for _, path := range p.Deps {
				if path == "net" || path == "os/exec" {
					t.Errorf("package %s depends on %s, by way of what it imports; it must work offline", name, path)
				}
			}
		}
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("the table of what may import what names %s, which does not exist", name)
		}
	}
}

// listPackages returns the packages of the module, without their tests.
func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []listed
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("what go list wrote: %v", err)
		}
		all = append(all, p)
	}
}

// forbidden returns those of imports that are neither of the standard library
// nor allowed.
func forbidden(imports, allowed []string) []string {
	var out []string
	for _, path := range imports {
		if own, ok := strings.CutPrefix(path, module+"/"); ok {
			if !slices.Contains(allowed, own) {
				out = append(out, path)
			}
			continue
		}
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") && !slices.ContainsFunc(allowed, func(m string) bool {
			return path == m || strings.HasPrefix(path, m+"/")
		}) {
			out = append(out, path)
		}
	}
	return out
}

func TestForbidden(t *testing.T) {
	allowed := []string{"lockfile", "example.com/m"}
	tests := []struct {
		path string
		ok   bool
	}{
		{"os", true},
		{"net/http", true},
		{module + "/lockfile", true},
		{module + "/lockfile/oci", false},
		{module + "/cmd/plumb", false},
		{"example.com/m", true},
		{"example.com/m/sub", true},
		{"example.com/mine", false},
		{"example.com/other", false},
	}
	for _, tt := range tests {
		if ok := len(forbidden([]string{tt.path}, allowed)) == 0; ok != tt.ok {
			t.Errorf("import of %s: allowed %v, want %v", tt.path, ok, tt.ok)
		}
	}
}
