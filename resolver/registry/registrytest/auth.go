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

// ExpireTokens makes every token that was handed out so far worthless.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// admit says whether the request carries what the registry demands, and answers
// it if not.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
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

// challenge returns the header that tells where a token for r is to be had.
func (s *Server) challenge(r *http.Request) string {
	scheme := "http"
	if s.options.TLS {
		scheme = "https"
	}
	c := fmt.Sprintf(`Bearer realm="%s://%s%s",service="%s"`, scheme, s.Host(), tokenPath, tokenService)
	if repo := repository(r.URL.Path); repo != "" {
		c += fmt.Sprintf(`,scope="repository:%s:pull"`, repo)
	}
	return c
}

func (s *Server) goodPassword(r *http.Request) bool {
	username, password, ok := r.BasicAuth()
	return ok && username == s.options.Username && password == s.options.Password
}

// goodToken says whether r carries a token for the repository it asks about.
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

// serveToken hands out a token for the one scope that is asked for.
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

// repository returns the repository that a path of the registry API is about,
// "" for none.
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
