package registrytest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	tokenPath    = "/token"
	tokenService = "registrytest"
	tokenLife    = 5 * time.Minute
)

// ExpireTokens invalidates every token that was issued so far.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// authorized reports whether a request has the credentials that the registry demands,
// and responds with a challenge if not.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case s.options.Token:
		if s.goodToken(r) {
			return true
		}
		w.Header().Set("WWW-Authenticate", s.challenge(r))
	case s.options.Username != "":
		if s.goodPassword(r) {
			return true
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="registrytest"`)
	default:
		return true
	}
	unauthorized(w)
	return false
}

// challenge returns the header that says where to get a token for r.
func (s *Server) challenge(r *http.Request) string {
	scheme := "http"
	if s.options.TLS {
		scheme = "https"
	}
	c := fmt.Sprintf(`Bearer realm="%s://%s%s",service="%s"`,
		scheme, s.Host(), tokenPath, tokenService)
	if repo := repository(r.URL.Path); repo != "" {
		c += fmt.Sprintf(`,scope="repository:%s:pull"`, repo)
	}
	return c
}

func (s *Server) goodPassword(r *http.Request) bool {
	username, password, ok := r.BasicAuth()
	return ok && username == s.options.Username && password == s.options.Password
}

// goodToken reports whether r has a token for its repository.
func (s *Server) goodToken(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	scope, known := s.tokens[token]
	return known && scope == "repository:"+repository(r.URL.Path)+":pull"
}

// serveToken issues a token for the one scope that is requested.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if s.options.Username != "" && !s.goodPassword(r) {
		unauthorized(w)
		return
	}
	life := s.options.TokenLife
	if life == 0 {
		life = tokenLife
	}
	s.mu.Lock()
	s.issued++
	token := fmt.Sprintf("token-%d", s.issued)
	s.tokens[token] = r.URL.Query().Get("scope")
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": int(life.Seconds())})
}

func unauthorized(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`)
}

// repository returns the repository in a path of the registry API, "" for none.
func repository(path string) string {
	rest, ok := strings.CutPrefix(path, "/v2/")
	if !ok {
		return ""
	}
	for _, part := range []string{"/manifests/", "/blobs/", "/tags/", "/referrers/"} {
		if i := strings.LastIndex(rest, part); i >= 0 {
			return rest[:i]
		}
	}
	return ""
}
