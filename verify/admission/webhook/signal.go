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

// maxSignal bounds what is read of a signal, in bytes: git hosts describe a push in
// it, of which nothing is believed.
const maxSignal = 25 << 20

// Signal answers what a git host sends when there are new commits: whoever knows the
// secret makes the lock be fetched at once. The secret comes as GitHub
// (X-Hub-Signature-256), GitLab (X-Gitlab-Token) or anybody else (Authorization:
// Bearer) sends it.
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
	want, err := hex.DecodeString(strings.TrimPrefix(req.Header.Get("X-Hub-Signature-256"), "sha256="))
	if err != nil || len(want) != sha256.Size {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	if _, err := io.Copy(mac, http.MaxBytesReader(w, req.Body, maxSignal)); err != nil {
		return false
	}
	return hmac.Equal(mac.Sum(nil), want)
}
