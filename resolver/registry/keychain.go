package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// fileKeychain looks for credentials where docker and podman keep them: in the
// file that REGISTRY_AUTH_FILE names, docker's config.json, and the auth.json
// files of podman (containers-auth.json(5)). The first that has some for a
// repository counts; in a file, those with the longest path do. The files are read,
// and credential helpers run, once.
type fileKeychain struct {
	getenv func(string) string

	read    sync.Once
	files   []*configfile.ConfigFile
	readErr error
	asked   memo[types.AuthConfig] // of whole registries, by file and server
}

func newFileKeychain(getenv func(string) string) *fileKeychain {
	k := &fileKeychain{getenv: getenv}
	k.asked.reuse = func(types.AuthConfig, error, time.Time) bool { return true }
	return k
}

// Resolve finds credentials for a repository or a registry.
func (k *fileKeychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), target)
}

// ResolveContext is Resolve for who may not want to wait.
func (k *fileKeychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	if k.read.Do(k.readFiles); k.readErr != nil {
		return nil, k.readErr
	}
	for _, f := range k.files {
		found, err := k.inFile(ctx, f, target)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Filename, err)
		}
		if found != (types.AuthConfig{}) {
			return authn.FromConfig(authn.AuthConfig{Username: found.Username, Password: found.Password, Auth: found.Auth,
				IdentityToken: found.IdentityToken, RegistryToken: found.RegistryToken}), nil
		}
	}
	return authn.Anonymous, nil
}

// readFiles reads those of the files that there are.
func (k *fileKeychain) readFiles() {
	for _, path := range k.paths() {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			k.readErr = fmt.Errorf("reading credentials: %w", err)
			return
		}
		c, err := config.LoadFromReader(f)
		_ = f.Close() // it was only read
		if err != nil {
			k.readErr = fmt.Errorf("reading credentials: %s: %w", path, err)
			return
		}
		c.Filename = path
		k.files = append(k.files, c)
	}
}

func (k *fileKeychain) paths() []string {
	var paths []string
	add := func(dir string, parts ...string) {
		if dir != "" {
			paths = append(paths, filepath.Join(append([]string{dir}, parts...)...))
		}
	}
	home := k.getenv("HOME")
	if home == "" {
		home, _ = os.UserHomeDir() // without one there is no file in it
	}
	add(k.getenv("REGISTRY_AUTH_FILE"))
	if dir := k.getenv("DOCKER_CONFIG"); dir != "" {
		add(dir, config.ConfigFileName)
	} else {
		add(home, ".docker", config.ConfigFileName)
	}
	add(k.getenv("XDG_RUNTIME_DIR"), "containers", "auth.json")
	if dir := k.getenv("XDG_CONFIG_HOME"); dir != "" {
		add(dir, "containers", "auth.json")
	} else {
		add(home, ".config", "containers", "auth.json")
	}
	return paths
}

// inFile finds what a file has for a repository: under its own path, a shorter
// one, or for the whole registry.
func (k *fileKeychain) inFile(ctx context.Context, f *configfile.ConfigFile, target authn.Resource) (types.AuthConfig, error) {
	aliases := registryAliases(target.RegistryStr())
	_, path, _ := strings.Cut(target.String(), "/")
	for ; path != ""; path = parent(path) {
		for _, host := range aliases {
			if found := bare(f.AuthConfigs[host+"/"+path]); found != (types.AuthConfig{}) {
				return found, nil
			}
		}
	}
	return k.asked.get(ctx, f.Filename+" "+aliases[0], nil, func(context.Context) (types.AuthConfig, error) {
		return ofRegistry(f, aliases)
	})
}

// parent is a path without its last part.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}

// registryAliases are the names that a registry has in such files, the one that
// helpers are asked for first.
func registryAliases(host string) []string {
	if host == name.DefaultRegistry {
		return []string{authn.DefaultAuthKey, host, "docker.io"}
	}
	return []string{host}
}

// ofRegistry finds what a file has for a whole registry: by its helper, the store
// for all registries, or in the file itself.
func ofRegistry(f *configfile.ConfigFile, aliases []string) (types.AuthConfig, error) {
	for _, host := range aliases {
		helper := f.CredentialHelpers[host]
		if helper == "" && host == aliases[0] {
			helper = f.CredentialsStore
		}
		if helper == "" {
			continue
		}
		found, err := credentials.NewNativeStore(f, helper).Get(host)
		if err != nil {
			return types.AuthConfig{}, fmt.Errorf("docker-credential-%s: %w", helper, helperError(err))
		}
		if found = bare(found); found != (types.AuthConfig{}) {
			return found, nil
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.AuthConfigs)) {
		for _, host := range aliases {
			if found := bare(f.AuthConfigs[key]); isRegistry(key, host) && found != (types.AuthConfig{}) {
				return found, nil
			}
		}
	}
	return types.AuthConfig{}, nil
}

// helperError keeps what a helper prints, which may be anything, to one line.
func helperError(err error) error {
	return &saidFailure{line(err.Error()), err}
}

// isRegistry reports whether a key of a file names a whole registry: as a host, or
// as the address that docker once used.
func isRegistry(key, host string) bool {
	if key == host {
		return true
	}
	_, rest, ok := strings.Cut(key, "://")
	at, path, _ := strings.Cut(rest, "/")
	switch strings.TrimSuffix(path, "/") {
	case "", "v1", "v2":
		return ok && at == host
	}
	return false
}

// bare is what counts of an entry: its address and e-mail are no credentials.
func bare(c types.AuthConfig) types.AuthConfig {
	return types.AuthConfig{Username: c.Username, Password: c.Password, Auth: c.Auth, IdentityToken: c.IdentityToken, RegistryToken: c.RegistryToken}
}
