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
// their module. Tests may import more, but only in the order of topDirectories. A
// package that is not named here fails the test, so that a new one is given its place.
var mayImport = map[string][]string{
	"lockfile":            {"lockfile/oci"},
	"lockfile/atomicfile": {"golang.org/x/sys"},
	"lockfile/cachekey":   {"lockfile/atomicfile"},
	"lockfile/chartuse":   {},
	"lockfile/config": {
		"lockfile/giturl", "lockfile/oci", "lockfile/version", "lockfile/yaml",
		"github.com/bmatcuk/doublestar/v4",
	},
	"lockfile/content": {"golang.org/x/mod", "sigs.k8s.io/yaml"},
	"lockfile/git": {
		"lockfile/trace", "github.com/go-git/go-billy/v5", "github.com/go-git/go-git/v5",
		"golang.org/x/crypto",
	},
	"lockfile/git/gittest": {"golang.org/x/crypto"},
	"lockfile/giturl":      {},
	"lockfile/gotemplate":  {"lockfile/yaml"},
	"lockfile/lockroot": {
		"lockfile", "lockfile/atomicfile", "lockfile/cachekey", "lockfile/chartuse",
		"lockfile/config", "lockfile/content", "lockfile/manifest", "lockfile/tree",
		"github.com/bmatcuk/doublestar/v4",
	},
	"lockfile/manifest": {
		"lockfile", "lockfile/chartuse", "lockfile/giturl", "lockfile/gotemplate", "lockfile/oci",
		"lockfile/version", "lockfile/yaml", "go.yaml.in/yaml/v2",
	},
	"lockfile/oci":      {"github.com/distribution/reference"},
	"lockfile/shell":    {},
	"lockfile/spelling": {},
	"lockfile/trace":    {"lockfile/shell"},
	"lockfile/tree": {
		"lockfile/atomicfile", "lockfile/trace", "github.com/rogpeppe/go-internal",
		"golang.org/x/sync", "golang.org/x/sys",
	},
	"lockfile/version": {"github.com/Masterminds/semver/v3"},
	"lockfile/yaml":    {"lockfile/spelling", "go.yaml.in/yaml/v3"},

	"verify": {"lockfile", "lockfile/config", "lockfile/manifest", "lockfile/oci"},
	"verify/admission": {
		"lockfile", "lockfile/config", "lockfile/lockroot", "lockfile/manifest",
		"lockfile/tree", "verify", "verify/admission/source", "verify/evidence",
		"verify/policy", "golang.org/x/sync",
	},
	"verify/admission/apiservertest": {},
	"verify/admission/install": {
		"lockfile", "lockfile/oci", "verify/admission", "verify/admission/yamltemplate",
	},
	"verify/admission/source": {"lockfile/atomicfile", "lockfile/git", "github.com/go-git/go-git/v5"},
	"verify/admission/vap": {
		"lockfile", "verify/admission", "verify/admission/yamltemplate", "go.yaml.in/yaml/v3",
	},
	"verify/admission/webhook": {
		"verify/admission", "verify/admission/source", "verify/cluster",
		"github.com/go-json-experiment/json", "github.com/prometheus/client_golang",
		"golang.org/x/sync",
	},
	"verify/admission/yamltemplate": {"go.yaml.in/yaml/v3"},
	"verify/cluster":                {"lockfile/trace", "go.yaml.in/yaml/v3"},
	"verify/commit": {
		"lockfile/git", "lockfile/yaml", "verify/signature", "github.com/ProtonMail/go-crypto",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/sigstore-go",
		"golang.org/x/crypto", "google.golang.org/protobuf",
	},
	"verify/evidence": {
		"lockfile", "lockfile/atomicfile", "lockfile/cachekey", "lockfile/lockroot",
		"lockfile/manifest", "lockfile/oci", "lockfile/tree", "lockfile/yaml", "verify",
		"verify/policy",
		"verify/signature", "go.yaml.in/yaml/v3", "golang.org/x/sync",
	},
	"verify/policy": {
		"lockfile/lockroot", "lockfile/manifest", "lockfile/oci", "lockfile/yaml",
		"verify/policy/eval", "verify/signature", "github.com/sigstore/sigstore-go",
		"github.com/theupdateframework/go-tuf/v2",
	},
	"verify/policy/eval": {"cel.dev/cel-go", "cuelang.org/go", "github.com/open-policy-agent/opa"},
	"verify/report":      {"lockfile", "lockfile/manifest", "verify"},
	"verify/signature": {
		"lockfile/oci", "github.com/secure-systems-lab/go-securesystemslib",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/rekor-tiles/v2",
		"github.com/sigstore/sigstore", "github.com/sigstore/sigstore-go",
		"google.golang.org/protobuf",
	},
	"verify/signature/signaturetest": {
		"verify/signature", "github.com/digitorus/timestamp", "github.com/go-openapi/runtime",
		"github.com/google/certificate-transparency-go",
		"github.com/secure-systems-lab/go-securesystemslib",
		"github.com/sigstore/protobuf-specs", "github.com/sigstore/rekor",
		"github.com/sigstore/rekor-tiles/v2", "github.com/sigstore/sigstore",
		"github.com/sigstore/sigstore-go", "golang.org/x/mod", "google.golang.org/protobuf",
	},

	"resolver": {
		"lockfile", "lockfile/config", "lockfile/giturl", "lockfile/lockroot", "lockfile/manifest",
		"lockfile/oci", "lockfile/tree", "lockfile/version", "resolver/chart", "resolver/fetch",
		"resolver/gitref", "resolver/registry", "resolver/signatures", "verify",
		"github.com/Masterminds/semver/v3", "github.com/bmatcuk/doublestar/v4", "golang.org/x/sync",
		"lockfile", "lockfile/config", "lockfile/lockroot", "lockfile/manifest", "lockfile/oci",
		"lockfile/tree", "lockfile/version", "resolver/fetch", "resolver/registry",
		"resolver/signatures", "verify", "github.com/bmatcuk/doublestar/v4", "golang.org/x/sync",
	},
	"resolver/chart": {
		"lockfile", "lockfile/content", "lockfile/oci", "resolver/httpget", "resolver/internal/once",
		"resolver/registry", "resolver/registry/keychain", "resolver/registry/transport",
		"github.com/Masterminds/semver/v3", "github.com/google/go-containerregistry",
		"sigs.k8s.io/yaml",
	},
	"resolver/external": {"lockfile/shell", "verify/cluster", "verify/policy"},
	"resolver/fetch": {
		"resolver/httpget", "resolver/internal/once", "resolver/registry", "resolver/registry/transport",
	},
	"resolver/gitref": {
		"lockfile/trace", "resolver/internal/once", "github.com/go-git/go-git/v5",
		"github.com/rogpeppe/go-internal",
	},
	"resolver/httpget":       {"resolver/registry", "resolver/registry/transport"},
	"resolver/internal/once": {},
	"resolver/registry": {
		"lockfile", "lockfile/atomicfile", "lockfile/oci", "resolver/registry/internal/memo",
		"resolver/registry/internal/sanitize", "resolver/registry/keychain",
		"resolver/registry/transport", "github.com/google/go-containerregistry",
		"golang.org/x/sync",
	},
	"resolver/registry/internal/memo":     {},
	"resolver/registry/internal/sanitize": {},
	"resolver/registry/keychain": {
		"lockfile/oci", "lockfile/trace", "resolver/registry/internal/memo",
		"resolver/registry/internal/sanitize", "github.com/docker/cli",
		"github.com/google/go-containerregistry",
	},
	"resolver/registry/registrytest": {"github.com/google/go-containerregistry"},
	"resolver/registry/transport": {
		"resolver/registry/internal/memo", "resolver/registry/internal/sanitize",
		"github.com/google/go-containerregistry",
	},
	"resolver/signatures": {
		"lockfile", "lockfile/lockroot", "lockfile/manifest", "lockfile/oci", "lockfile/tree",
		"resolver/registry", "verify/evidence", "verify/policy", "verify/signature",
		"github.com/google/go-containerregistry", "github.com/sigstore/cosign/v2",
		"golang.org/x/sync",
	},
	"resolver/signatures/signaturestest": {"resolver/registry/registrytest", "verify/signature"},
	"resolver/tuf": {
		"lockfile/lockroot", "lockfile/tree", "verify/policy",
		"github.com/sigstore/sigstore-go", "github.com/theupdateframework/go-tuf/v2",
	},
	"resolver/tuf/tuftest": {
		"github.com/sigstore/sigstore", "github.com/theupdateframework/go-tuf/v2",
	},

	"cmd/internal/cli": {
		"lockfile/cachekey", "lockfile/lockroot", "lockfile/shell", "lockfile/spelling",
		"lockfile/trace", "lockfile/tree", "resolver", "resolver/chart", "resolver/fetch",
		"resolver/gitref", "resolver/registry", "resolver/registry/transport", "verify/policy",
		"lockfile/trace", "lockfile/tree", "resolver", "resolver/fetch", "resolver/registry",
		"resolver/registry/transport", "verify/policy",
		"github.com/urfave/cli/v2", "golang.org/x/term", "golang.org/x/text",
	},
	"cmd/internal/complete": {"cmd/internal/cli", "github.com/urfave/cli/v2"},
	"cmd/internal/githook":  {"lockfile/atomicfile", "lockfile/tree"},
	"cmd/internal/image": {
		"github.com/google/go-containerregistry", "golang.org/x/crypto/x509roots/fallback",
	},
	"cmd/internal/listing": {
		"cmd/internal/cli", "lockfile/lockroot", "lockfile/manifest", "lockfile/oci", "verify",
	},
	"cmd/internal/planreport": {
		"cmd/internal/cli", "lockfile", "lockfile/lockroot", "lockfile/manifest", "lockfile/oci",
		"lockfile/shell", "lockfile/tree", "lockfile/version", "resolver", "resolver/registry",
		"verify", "verify/evidence", "verify/policy", "verify/report",
	},
	"cmd/internal/scaffold": {
		"cmd/internal/githook", "lockfile", "lockfile/config", "lockfile/git", "lockfile/giturl",
		"lockfile/lockroot", "lockfile/manifest", "lockfile/oci", "lockfile/tree",
	},
	"cmd/plumb": {
		"cmd/internal/cli", "cmd/internal/complete", "cmd/internal/githook",
		"cmd/internal/listing", "cmd/internal/planreport", "cmd/internal/scaffold", "lockfile",
		"lockfile/config", "lockfile/lockroot", "lockfile/oci", "lockfile/shell", "lockfile/tree", "resolver",
		"resolver/external", "resolver/signatures", "resolver/tuf", "verify",
		"verify/admission", "verify/admission/install", "verify/admission/source",
		"verify/admission/vap", "verify/admission/webhook", "verify/cluster", "verify/commit",
		"verify/evidence", "verify/policy", "verify/report", "github.com/urfave/cli/v2",
	},
}

// topDirectories are in the order of imports: each may import those behind it,
// and none those before it.
var topDirectories = []string{"cmd", "resolver", "verify", "lockfile"}

// offline are the packages that must not be able to reach a network or start a
// process, not even by way of what they import.
var offline = []string{"lockfile", "lockfile/oci", "lockfile/manifest", "lockfile/yaml", "verify"}

// listed is what "go list -json" says of a package.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string // of tests in the package
	XTestImports []string // of tests beside the package
	Deps         []string
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
		for _, path := range upward(name, p.Imports) {
			t.Errorf("package %s imports %s: imports run %s", name, path, strings.Join(topDirectories, " -> "))
		}
		for _, path := range upward(name, slices.Concat(p.TestImports, p.XTestImports)) {
			t.Errorf("a test of package %s imports %s: imports run %s", name, path, strings.Join(topDirectories, " -> "))
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

// listPackages returns the packages of the module.
func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", module+"/...")
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

// upward returns those of imports that lie in a top directory before that of the
// package called name.
func upward(name string, imports []string) []string {
	top := func(name string) int {
		first, _, _ := strings.Cut(name, "/")
		return slices.Index(topDirectories, first)
	}
	var out []string
	for _, path := range imports {
		if own, ok := strings.CutPrefix(path, module+"/"); ok && top(own) < top(name) {
			out = append(out, path)
		}
	}
	return out
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

func TestUpward(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		up         bool
	}{
		{"verify", module + "/lockfile/tree", false},
		{"verify", module + "/verify/policy", false},
		{"verify", module + "/resolver", true},
		{"lockfile/tree", module + "/verify", true},
		{"resolver/tuf", module + "/cmd/plumb", true},
		{"cmd/plumb", module + "/resolver", false},
		{"lockfile", module + "/elsewhere", true},
		{"lockfile", "net/http", false},
	} {
		if up := len(upward(tt.name, []string{tt.path})) > 0; up != tt.up {
			t.Errorf("import of %s by %s: upward %v, want %v", tt.path, tt.name, up, tt.up)
		}
	}
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
