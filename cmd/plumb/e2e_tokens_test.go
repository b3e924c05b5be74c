package main_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// issuer is a token server (Docker's token authentication specification). Its
// tokens are signed with the key of the registry's own certificate.
type issuer struct {
	server *httptest.Server
	chain  []byte // DER of the certificate
	key    *ecdsa.PrivateKey
	issued atomic.Int64
}

const (
	issuerName = "e2e issuer"
	audience   = "e2e registry"
)

// startIssuer starts a token server with the registry's certificate.
func startIssuer(t *testing.T, pair tls.Certificate) *issuer {
	t.Helper()
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatalf("the key is a %T", pair.PrivateKey)
	}
	i := &issuer{chain: pair.Certificate[0], key: key}
	i.server = httptest.NewUnstartedServer(http.HandlerFunc(i.serve))
	i.server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	i.server.StartTLS()
	t.Cleanup(i.server.Close)
	return i
}

// realm is where the issuer is found, but for the path. What pushes takes no
// token server that is known by a loopback address.
func (i *issuer) realm() string { return strings.Replace(i.server.URL, "127.0.0.1", "localhost", 1) }

// config is what makes a registry take the issuer's tokens.
func (i *issuer) config(t *testing.T, dir string) string {
	t.Helper()
	roots := filepath.Join(dir, "roots.pem")
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, roots, string(ca)+string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.chain})))
	return fmt.Sprintf("{token: {realm: %q, service: %q, issuer: %q, rootcertbundle: %q}}", i.realm()+"/token", audience, issuerName, roots)
}

// serve gives the user a token for all that he asks for, and nobody else one.
func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != registryUser || password != registryPassword {
		http.Error(w, `{"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}`, http.StatusUnauthorized)
		return
	}
	type access struct {
		Type    string   `json:"type"`
		Name    string   `json:"name"`
		Actions []string `json:"actions"`
	}
	allowed := []access{}
	for _, scope := range r.URL.Query()["scope"] {
		if part := strings.Split(scope, ":"); len(part) == 3 {
			allowed = append(allowed, access{part[0], part[1], strings.Split(part[2], ",")})
		}
	}
	now := time.Now()
	token, err := i.sign(map[string]any{
		"iss": issuerName, "sub": registryUser, "aud": audience, "access": allowed, "jti": fmt.Sprint(i.issued.Add(1)),
		"nbf": now.Add(-time.Minute).Unix(), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": 3600})
}

// sign makes a JSON Web Token (RFC 7519) signed by ES256, with the certificate
// of its key in it.
func (i *issuer) sign(claims any) (string, error) {
	header, err := json.Marshal(map[string]any{"typ": "JWT", "alg": "ES256", "x5c": [][]byte{i.chain}})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, i.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64) // both numbers in 32 bytes each (RFC 7518, section 3.4)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
