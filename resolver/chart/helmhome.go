package chart

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry/keychain"
)

// helmHome returns the path of a file in helm's folder of the user's configuration, ""
// if that is unknown (helm.sh/docs/helm/helm, "Helm stores cache, configuration, and data").
func helmHome(getenv func(string) string, name string) string {
	if dir := getenv("HELM_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, name)
	}
	base := getenv("XDG_CONFIG_HOME")
	switch {
	case base != "":
	case runtime.GOOS == "darwin":
		base = httpget.HomePath(getenv, "Library", "Preferences")
	case runtime.GOOS == "windows":
		base = getenv("APPDATA")
	default:
		base = httpget.HomePath(getenv, ".config")
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "helm", name)
}

// Keychain returns the credentials for registries with charts: those of docker and podman
// (package keychain), and then those that `helm registry login` has stored, in the file that
// HELM_REGISTRY_CONFIG names or in helm's folder of the user's configuration.
func Keychain(getenv func(string) string) authn.Keychain {
	return &helmKeychain{own: keychain.New(getenv), getenv: getenv,
		helm: keychain.New(func(name string) string {
			if name == "REGISTRY_AUTH_FILE" {
				return helmLogins(getenv)
			}
			return ""
		})}
}

type helmKeychain struct {
	own, helm *keychain.Keychain
	getenv    func(string) string
}

func helmLogins(getenv func(string) string) string {
	if name := getenv("HELM_REGISTRY_CONFIG"); name != "" {
		return name
	}
	return helmHome(getenv, filepath.Join("registry", "config.json"))
}

// Resolve is ResolveContext without a time limit.
func (k *helmKeychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

// ResolveContext returns the credentials for a repository, authn.Anonymous if there are
// none. The error names the file or the helper that is at fault.
func (k *helmKeychain) ResolveContext(
	ctx context.Context, r authn.Resource,
) (authn.Authenticator, error) {
	found, err := k.own.ResolveContext(ctx, r)
	if err != nil || found != authn.Anonymous {
		return found, err
	}
	name := helmLogins(k.getenv)
	if _, err := os.Stat(name); name == "" || errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	return k.helm.ResolveContext(ctx, r)
}
