package registry

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
)

// keychain finds credentials where docker and podman keep them. Each of their
// files is read when it is first needed, and each program that they name is
// started once for a host.
type keychain struct {
	getenv  func(string) string
	files   memo[*authFile]        // by path
	answers memo[authn.AuthConfig] // by program and server
}

func newKeychain(getenv func(string) string) *keychain {
	k := &keychain{getenv: getenv}
	k.files.reuse = func(*authFile, error, time.Time) bool { return true }
	k.answers.reuse = func(authn.AuthConfig, error, time.Time) bool { return true }
	return k
}

// authPlace is where credentials may be.
type authPlace struct {
	name string // a path, or the name of a variable
	text string // what the variable holds
	must bool   // it is an error if there is none
}

// places lists where credentials may be. The first that has some for a repository
// counts.
func (k *keychain) places() []authPlace {
	var list []authPlace
	file := func(must bool, dir string, below ...string) {
		if dir != "" {
			list = append(list, authPlace{name: filepath.Join(append([]string{dir}, below...)...), must: must})
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
		list = append(list, authPlace{name: "DOCKER_AUTH_CONFIG", text: text})
	}
	file(false, within("DOCKER_CONFIG", ".docker"), "config.json")
	file(false, k.getenv("XDG_RUNTIME_DIR"), "containers", "auth.json")
	file(false, within("XDG_CONFIG_HOME", ".config"), "containers", "auth.json")
	return list
}

// Resolve is ResolveContext without a time limit.
func (k *keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

// ResolveContext returns the credentials for a repository. The error names the
// file or the program that is at fault, and no secret.
func (k *keychain) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	host := canonicalHost(r.RegistryStr())
	repo := strings.TrimPrefix(strings.TrimPrefix(r.String(), r.RegistryStr()), "/")
	for _, p := range k.places() {
		f, err := k.files.get(ctx, p.name, nil, func(context.Context) (*authFile, error) { return p.read() })
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

// find returns what a file has for a repository: what it says of the longest path
// that the repository lies below, else of its host (containers-auth.json(5)). For
// one and the same place a program goes before what is written down, as with
// docker.
func (k *keychain) find(ctx context.Context, f *authFile, host, repo string) (authn.AuthConfig, error) {
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

// at returns what a file has for just one path.
func (k *keychain) at(ctx context.Context, f *authFile, path string) (authn.AuthConfig, error) {
	if h, ok := f.helpers[path]; ok {
		found, err := k.run(ctx, f, h)
		if err != nil || !isEmpty(found) {
			return found, err
		}
	}
	return f.auths[path], nil
}

// run asks a helper, once.
func (k *keychain) run(ctx context.Context, f *authFile, h helper) (authn.AuthConfig, error) {
	found, err := k.answers.get(ctx, h.suffix+" "+h.server, nil, h.get)
	if err != nil {
		return found, fmt.Errorf("%s, which %s names: %w", h.program(), f.name, err)
	}
	return found, nil
}

// maxAuthFile bounds a file of credentials, in bytes.
const maxAuthFile = 4 << 20

// read reads the file of a place. One that is not there is empty.
func (p authPlace) read() (*authFile, error) {
	if p.text != "" {
		return parseAuthFile(p.name, []byte(p.text))
	}
	f, err := os.Open(p.name)
	if errors.Is(err, fs.ErrNotExist) && !p.must {
		return &authFile{name: p.name}, nil
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
		return nil, fmt.Errorf("%s is longer than %d MiB", p.name, maxAuthFile>>20)
	}
	return parseAuthFile(p.name, data)
}
