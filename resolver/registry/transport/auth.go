package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// token is a bearer token for one repository.
type token struct {
	text    string
	issued  time.Time
	expires time.Time
}

// CredentialsError says that the credentials for a host could not be read. No request
// is sent without them.
type CredentialsError struct {
	Host string // in canonical form
	Err  error  // names the file or the helper that is at fault, and no secret
}

// Error names the host and the cause.
func (e *CredentialsError) Error() string {
	return "reading the credentials for " + e.Host + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Hint returns how to fix the error, in one line.
func (e *CredentialsError) Hint() string {
	return "fix the file or helper that it names, or log in again: docker login " + e.Host
}

// defaultLife is the life of a token whose server does not say (Docker's
// token authentication specification, "expires_in").
const defaultLife = time.Minute

// fresh reports whether the token is good for a request sent at now. A quarter
// of its life is left for the request's way and for clocks that differ.
func (t *token) fresh(now time.Time) bool {
	return now.Before(t.issued.Add(t.expires.Sub(t.issued) * 3 / 4))
}

// authorization returns the Authorization field of requests about repo, "" if the host
// demands none or there are no credentials, and the token in it if that can be renewed.
// A token equal to stale is not used again.
func (h *Host) authorization(
	ctx context.Context, p ping, repo string, stale *token,
) (string, *token, error) {
	c := p.challenge
	if later := h.later.Load(); later != nil {
		c = *later
	}
	if c.Scheme == "" {
		return "", nil, nil
	}
	auth, err := h.credentials(ctx, repo)
	if err != nil {
		return "", nil, err
	}
	given, err := authn.Authorization(ctx, auth)
	if err != nil {
		return "", nil, &CredentialsError{h.name, err}
	}
	switch {
	case given.RegistryToken != "":
		return "Bearer " + given.RegistryToken, nil, nil
	case c.Scheme == basic:
		return basicHeader(given), nil, nil
	}
	c.Insecure = p.scheme == "http"
	isStale := func(t *token) bool { return t == stale }
	t, err := h.tokens.Do(ctx, repo, isStale, func(ctx context.Context) (*token, error) {
		return h.newToken(ctx, repo, auth, &c)
	})
	if err != nil {
		return "", nil, err
	}
	return "Bearer " + t.text, t, nil
}

func basicHeader(given *authn.AuthConfig) string {
	switch {
	case given.Username != "" && given.Password != "":
		return "Basic " + base64.StdEncoding.EncodeToString(
			[]byte(given.Username+":"+given.Password))
	case given.Auth != "":
		return "Basic " + given.Auth
	}
	return ""
}

// credentials reads the keychain, once per repository.
func (h *Host) credentials(ctx context.Context, repo string) (authn.Authenticator, error) {
	return h.keys.Do(ctx, repo, nil, func(ctx context.Context) (authn.Authenticator, error) {
		auth, err := authn.Resolve(ctx, h.keychain, h.account.Repo(repo))
		if err != nil {
			return nil, &CredentialsError{h.name, err}
		}
		return auth, nil
	})
}

// newToken fetches a token to read repo from the host's token server.
func (h *Host) newToken(
	ctx context.Context, repo string, auth authn.Authenticator, c *transport.Challenge,
) (*token, error) {
	scope := "repository:" + repo + ":" + transport.PullScope
	resp, err := transport.Exchange(ctx, h.issuer(c), auth, h.client.Transport, []string{scope},
		c)
	if err != nil {
		return nil, h.tokenError(ctx, c.Parameters["realm"], err)
	}
	t := &token{text: resp.Token, issued: time.Now()}
	if resp.AccessToken != "" {
		t.text = resp.AccessToken
	}
	if strings.ContainsFunc(t.text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, h.tokenError(ctx, c.Parameters["realm"],
			errors.New("the server returned an invalid token"))
	}
	life := time.Duration(resp.ExpiresIn) * time.Second
	if life <= 0 {
		life = defaultLife
	}
	t.expires = t.issued.Add(life)
	return t, nil
}

// issuer is what the library takes for the registry of a token server. The library
// refuses every token server at a private address but the registry's own; addressGuard
// decides better.
func (h *Host) issuer(c *transport.Challenge) name.Registry {
	if realm, err := url.Parse(c.Parameters["realm"]); err == nil {
		if r, err := name.NewRegistry(realm.Host); err == nil {
			return r
		}
	}
	return h.registry
}

// renewable reports whether a request that was refused with resp may succeed with other
// credentials, and notes a challenge that the ping did not bring. auth and used are
// what the request carried; start is when it was first sent: a younger token has not
// expired.
func (h *Host) renewable(
	resp *http.Response, p ping, auth string, used *token, start time.Time,
) bool {
	switch {
	case resp.StatusCode != http.StatusUnauthorized:
		return false
	case used != nil:
		return used.issued.Before(start) || !used.fresh(time.Now())
	case auth != "" || p.challenge.Scheme != "" || resp.Request.URL.Host != h.endpoint:
		return false // another host demands it, after a redirect
	}
	if c, ok := parseChallenge(resp.Header); ok {
		h.later.CompareAndSwap(nil, &c)
	}
	return h.later.Load() != nil
}
