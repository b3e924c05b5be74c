package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
)

// maxSignal bounds the body of a signal, in bytes: git hosts describe the push in it, which
// is read for its signature only.
const maxSignal = 25 << 20

// Signal handles the webhook of a git host for new commits: a request with the secret makes
// fetch be called. The secret is sent as GitHub (X-Hub-Signature-256), GitLab
// (X-Gitlab-Token) or other hosts (Authorization: Bearer) do.
func Signal(secret []byte, fetch func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "method not allowed: use POST", http.StatusMethodNotAllowed)
		case len(secret) == 0 || !knows(secret, w, req):
			http.Error(w, "missing or wrong secret", http.StatusForbidden)
		default:
			fetch()
			w.WriteHeader(http.StatusAccepted)
		}
	})
}

// knows reports whether a request proves that its sender has the secret.
func knows(secret []byte, w http.ResponseWriter, req *http.Request) bool {
	if token := req.Header.Get("X-Gitlab-Token"); token != "" {
		return subtle.ConstantTimeCompare([]byte(token), secret) == 1
	}
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		return subtle.ConstantTimeCompare([]byte(token), secret) == 1
	}
	want, err := hex.DecodeString(strings.TrimPrefix(req.Header.Get("X-Hub-Signature-256"),
		"sha256="))
	if err != nil || len(want) != sha256.Size {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	if _, err := io.Copy(mac, http.MaxBytesReader(w, req.Body, maxSignal)); err != nil {
		return false
	}
	return hmac.Equal(mac.Sum(nil), want)
}
