package keychain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// authFile is a credentials file in the form of docker's config.json, which is also
// podman's (containers-auth.json(5)). Its keys are a host, or a host and a path.
type authFile struct {
	name    string
	auths   map[string]authn.AuthConfig
	helpers map[string]helper
	store   string // the helper for every host, by its suffix; "" for none
}

// parseAuthFile reads a credentials file. The error names the file and repeats nothing
// of its content.
func parseAuthFile(name string, data []byte) (*authFile, error) {
	parsed, err := config.LoadFromReader(bytes.NewReader(data))
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		read := data[:min(int(syntax.Offset), len(data))]
		return nil, fmt.Errorf("%s:%d: invalid JSON", name, 1+bytes.Count(read, []byte("\n")))
	case err != nil:
		return nil, fmt.Errorf("%s: not a credentials file of docker or podman", name)
	}
	f := &authFile{
		name: name, store: parsed.CredentialsStore,
		auths: make(map[string]authn.AuthConfig), helpers: make(map[string]helper),
	}
	for _, key := range canonicalLast(parsed.AuthConfigs) {
		if c := authConfig(parsed.AuthConfigs[key]); !isEmpty(c) {
			f.auths[canonicalKey(key)] = c
		}
	}
	for _, key := range canonicalLast(parsed.CredentialHelpers) {
		server, _, _ := strings.Cut(key, "/")
		if strings.Contains(key, "://") {
			server = key
		}
		f.helpers[canonicalKey(key)] = helper{parsed.CredentialHelpers[key], server}
	}
	return f, nil
}

// canonicalLast returns the keys of a map, sorted, those in canonical form last: they
// win over others with the same meaning.
func canonicalLast[V any](m map[string]V) []string {
	var odd, canonical []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if canonicalKey(key) == key {
			canonical = append(canonical, key)
		} else {
			odd = append(odd, key)
		}
	}
	return append(odd, canonical...)
}

// canonicalKey returns a key in canonical form: "docker.io" for docker's
// "https://index.docker.io/v1/". A URL stands for its host.
func canonicalKey(key string) string {
	_, rest, isURL := strings.Cut(key, "://")
	if !isURL {
		rest = strings.TrimSuffix(key, "/")
	}
	host, path, _ := strings.Cut(rest, "/")
	host = oci.CanonicalHost(strings.ToLower(host))
	if isURL || path == "" {
		return host
	}
	return host + "/" + path
}

func authConfig(c types.AuthConfig) authn.AuthConfig {
	return authn.AuthConfig{
		Username:      c.Username,
		Password:      c.Password,
		IdentityToken: c.IdentityToken,
		RegistryToken: c.RegistryToken,
	}
}
