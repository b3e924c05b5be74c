package keychain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/trace"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// helper is a credential helper for a server (docker's credential helper protocol).
type helper struct {
	suffix string // of the program's name: docker-credential-<suffix>
	server string // the key to get
}

// helperTime is how long a helper may take: some query a cloud first.
const helperTime = time.Minute

// maxHelperAnswer bounds what is read of a helper's output, in bytes.
const maxHelperAnswer = 1 << 20

// noCredentials is what a helper prints that has none for a server.
const noCredentials = "credentials not found in native keychain"

// tokenUser is the user name that a helper returns with an identity token.
const tokenUser = "<token>"

func (h helper) program() string { return "docker-credential-" + sanitize.Line(h.suffix) }

// serverAddress returns the key under which docker stores a host in credsStore.
func serverAddress(host string) string {
	if host == "docker.io" {
		return authn.DefaultAuthKey
	}
	return host
}

// get runs the helper. Its output is never repeated, as it may be a secret.
func (h helper) get(ctx context.Context) (authn.AuthConfig, error) {
	if strings.ContainsAny(h.suffix, `/\`) {
		return authn.AuthConfig{}, errors.New("invalid helper name")
	}
	limited, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	cmd := exec.CommandContext(limited, "docker-credential-"+h.suffix, "get")
	cmd.Stdin = strings.NewReader(h.server)
	cmd.WaitDelay = time.Second
	out := &boundedBuffer{left: maxHelperAnswer}
	cmd.Stdout = out
	ended := trace.Command(ctx, h.program(), "get")
	err := cmd.Run()
	ended(err)
	switch {
	case ctx.Err() != nil:
		return authn.AuthConfig{}, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return authn.AuthConfig{}, errors.New("not found in PATH")
	case limited.Err() != nil:
		return authn.AuthConfig{}, fmt.Errorf("no output within %v", helperTime)
	case err != nil && strings.TrimSpace(out.String()) == noCredentials:
		return authn.AuthConfig{}, nil
	case err != nil:
		return authn.AuthConfig{}, fmt.Errorf("%w; to see its output: echo %s | %s get", err,
			sanitize.Line(h.server), h.program())
	}
	var said struct{ Username, Secret string }
	if json.Unmarshal(out.Bytes(), &said) != nil {
		return authn.AuthConfig{}, errors.New("its output is not valid JSON")
	}
	if said.Username == tokenUser {
		return authn.AuthConfig{IdentityToken: said.Secret}, nil
	}
	return authn.AuthConfig{Username: said.Username, Password: said.Secret}, nil
}

// boundedBuffer takes at most left more bytes.
type boundedBuffer struct {
	bytes.Buffer
	left int
}

// Write fails where there is no room for all of p.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrShortWrite
	}
	return b.Buffer.Write(p)
}
