// Package keychain finds the credentials for registries where docker and podman keep
// them: in their files, and with the credential helpers that these name.
package keychain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/internal/memo"
)

// Keychain is an authn.Keychain over the files and credential helpers of docker and
// podman. Each file is read when it is first needed, and each helper is started once
// per host. The first file that has credentials for a repository counts:
//
//   - the file that REGISTRY_AUTH_FILE names, which must exist,
//   - DOCKER_AUTH_CONFIG, a variable that holds the content of such a file,
//   - docker's config.json, in DOCKER_CONFIG or ~/.docker,
//   - podman's auth.json, in $XDG_RUNTIME_DIR/containers,
//   - podman's auth.json, in $XDG_CONFIG_HOME/containers or ~/.config/containers.
type Keychain struct {
	getenv  func(string) string
	files   memo.Group[*authFile]        // by path
	results memo.Group[authn.AuthConfig] // by helper and server
}

// New returns a Keychain that reads its variables with getenv.
func New(getenv func(string) string) *Keychain {
	k := &Keychain{getenv: getenv}
	k.files.Reuse = func(*authFile, error, time.Time) bool { return true }
	k.results.Reuse = func(authn.AuthConfig, error, time.Time) bool { return true }
	return k
}

// location is where credentials may be.
type location struct {
	name     string // a path, or the name of a variable
	content  string // of the variable
	required bool   // a missing file is an error
}

// locations lists where credentials may be, the first to be preferred.
func (k *Keychain) locations() []location {
	var list []location
	file := func(required bool, dir string, below ...string) {
		if dir != "" {
			name := filepath.Join(append([]string{dir}, below...)...)
			list = append(list, location{name: name, required: required})
		}
	}
	home, err := os.UserHomeDir()
	within := func(variable, below string) string {
		if dir := k.getenv(variable); dir != "" || err != nil {
			return dir
		}
		return filepath.Join(home, below)
	}
	file(true, k.getenv("REGISTRY_AUTH_FILE"))
	if text := k.getenv("DOCKER_AUTH_CONFIG"); text != "" {
		list = append(list, location{name: "DOCKER_AUTH_CONFIG", content: text})
	}
	file(false, within("DOCKER_CONFIG", ".docker"), "config.json")
	file(false, k.getenv("XDG_RUNTIME_DIR"), "containers", "auth.json")
	file(false, within("XDG_CONFIG_HOME", ".config"), "containers", "auth.json")
	return list
}

// Resolve is ResolveContext without a time limit.
func (k *Keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

// ResolveContext returns the credentials for a repository, authn.Anonymous if there
// are none. The error names the file or the helper that is at fault, and no secret.
func (k *Keychain) ResolveContext(
	ctx context.Context, r authn.Resource,
) (authn.Authenticator, error) {
	host := oci.CanonicalHost(r.RegistryStr())
	repo := strings.TrimPrefix(strings.TrimPrefix(r.String(), r.RegistryStr()), "/")
	for _, l := range k.locations() {
		f, err := k.files.Do(ctx, l.name, nil,
			func(context.Context) (*authFile, error) { return l.read() })
		if err != nil {
			return nil, err
		}
		found, err := k.find(ctx, f, host, repo)
		if err != nil {
			return nil, err
		}
		if !isEmpty(found) {
			return authn.FromConfig(found), nil
		}
	}
	return authn.Anonymous, nil
}

func isEmpty(c authn.AuthConfig) bool {
	return c.Username+c.Password+c.Auth+c.IdentityToken+c.RegistryToken == ""
}

// find returns the credentials that a file has for a repository: those of the longest
// path that contains the repository, else those of its host (containers-auth.json(5)).
// For the same key a helper goes before credentials in the file, as with docker.
func (k *Keychain) find(
	ctx context.Context, f *authFile, host, repo string,
) (authn.AuthConfig, error) {
	for path := host + "/" + repo; path != host; path = path[:strings.LastIndexByte(path, '/')] {
		found, err := k.at(ctx, f, path)
		if err != nil || !isEmpty(found) {
			return found, err
		}
	}
	if _, ok := f.helpers[host]; !ok && f.store != "" {
		found, err := k.run(ctx, f, helper{f.store, serverAddress(host)})
		if err != nil || !isEmpty(found) {
			return found, err
		}
	}
	return k.at(ctx, f, host)
}

// at returns the credentials that a file has for exactly this path.
func (k *Keychain) at(ctx context.Context, f *authFile, path string) (authn.AuthConfig, error) {
	if h, ok := f.helpers[path]; ok {
		found, err := k.run(ctx, f, h)
		if err != nil || !isEmpty(found) {
			return found, err
		}
	}
	return f.auths[path], nil
}

// run gets the credentials from a helper, once.
func (k *Keychain) run(ctx context.Context, f *authFile, h helper) (authn.AuthConfig, error) {
	found, err := k.results.Do(ctx, h.suffix+" "+h.server, nil, h.get)
	if err != nil {
		return found, fmt.Errorf("%s (from %s): %w", h.program(), f.name, err)
	}
	return found, nil
}

// maxAuthFile bounds a credentials file, in bytes.
const maxAuthFile = 4 << 20

// read reads the file of a location. A missing one is empty unless it is required.
func (l location) read() (*authFile, error) {
	if l.content != "" {
		return parseAuthFile(l.name, []byte(l.content))
	}
	f, err := os.Open(l.name)
	if errors.Is(err, fs.ErrNotExist) && !l.required {
		return &authFile{name: l.name}, nil
	}
	if err != nil {
		return nil, err // which names the file
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAuthFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxAuthFile {
		return nil, fmt.Errorf("%s: longer than %d MiB", l.name, maxAuthFile>>20)
	}
	return parseAuthFile(l.name, data)
}
