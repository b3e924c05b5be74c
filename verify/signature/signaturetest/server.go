package signaturetest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/go-openapi/runtime"
	"github.com/sigstore/rekor/pkg/generated/models"
	"github.com/sigstore/rekor/pkg/types"
	_ "github.com/sigstore/rekor/pkg/types/dsse/v0.0.1" // the types of entries that clients make
	_ "github.com/sigstore/rekor/pkg/types/hashedrekord/v0.0.1"
	_ "github.com/sigstore/rekor/pkg/types/intoto/v0.0.2"
	"google.golang.org/protobuf/encoding/protojson"
)

// Handler serves the instance to signing clients: the certificate authority to
// both kinds of client (Fulcio's API v1 and v2), both logs (Rekor's API v1 and v2)
// and the timestamp authority, all below one address. It believes any identity
// token, and signs with the time that it is.
func (s *Sigstore) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, answer := range map[string]func(*http.Request, []byte) ([]byte, string, error){
		"POST /api/v1/signingCert": s.serveCertificate,
		"POST /api/v2/signingCert": s.serveCertificateV2,
		"POST /api/v1/log/entries": s.serveEntry,
		"POST /api/v2/log/entries": s.serveEntryV2,
		"POST /api/v1/timestamp":   s.serveTimestamp,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			const most = 1 << 20
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
			var out []byte
			var mediaType string
			if err == nil {
				out, mediaType, err = answer(r, body)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", mediaType)
			status := http.StatusCreated
			switch r.URL.Path {
			case "/api/v2/signingCert":
				status = http.StatusOK
			case "/api/v1/log/entries":
				uuid := entryID(out)
				w.Header().Set("ETag", uuid)
				w.Header().Set("Location", "/api/v1/log/entries/"+uuid)
			}
			w.WriteHeader(status)
			w.Write(out) //nolint:errcheck // the client sees it cut off
		})
	}
	return mux
}

// claims are what an identity token says.
func claims(r *http.Request) (subject, issuer string, err error) {
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		return "", "", errors.New("no identity token")
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", "", err
	}
	var c struct {
		Subject string `json:"sub"`
		Issuer  string `json:"iss"`
	}
	err = json.Unmarshal(data, &c)
	return c.Subject, c.Issuer, err
}

// Token returns an identity token that Handler accepts, although it is not signed.
func Token(subject, issuer string) (string, error) {
	part := func(v any) (string, error) {
		data, err := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(data), err
	}
	header, err := part(object{"alg": "RS256", "typ": "JWT"})
	if err != nil {
		return "", err
	}
	body, err := part(object{"iss": issuer, "sub": subject, "aud": "sigstore",
		"exp": time.Now().Add(time.Hour).Unix()})
	return header + "." + body + ".c2ln", err
}

// certify issues a certificate for a key in PKIX form to the client of a request.
func (s *Sigstore) certify(r *http.Request, der []byte) (*x509.Certificate, error) {
	subject, issuer, err := claims(r)
	if err != nil {
		return nil, err
	}
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	return s.Certificate(public, subject, issuer, time.Now().Add(-time.Minute), true)
}

func (s *Sigstore) serveCertificate(r *http.Request, body []byte) ([]byte, string, error) {
	var request struct {
		PublicKey struct {
			Content []byte `json:"content"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, "", err
	}
	block, _ := pem.Decode(request.PublicKey.Content)
	if block == nil {
		return nil, "", errors.New("no public key")
	}
	leaf, err := s.certify(r, block.Bytes)
	if err != nil {
		return nil, "", err
	}
	return append(certificatesPEM(leaf), s.authorityPEM...), "application/pem-certificate-chain", nil
}

func (s *Sigstore) serveCertificateV2(r *http.Request, body []byte) ([]byte, string, error) {
	var request struct {
		PublicKeyRequest struct {
			PublicKey struct {
				Content string `json:"content"`
			} `json:"publicKey"`
		} `json:"publicKeyRequest"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, "", err
	}
	block, _ := pem.Decode([]byte(request.PublicKeyRequest.PublicKey.Content))
	if block == nil {
		return nil, "", errors.New("no public key")
	}
	leaf, err := s.certify(r, block.Bytes)
	if err != nil {
		return nil, "", err
	}
	chain := object{"certificates": []string{string(certificatesPEM(leaf)),
		string(certificatesPEM(s.issuer)), string(certificatesPEM(s.root))}}
	out, err := json.Marshal(object{"signedCertificateEmbeddedSct": object{"chain": chain}})
	return out, "application/json", err
}

// serveEntry enters what a client proposes in the Rekor v1 log.
func (s *Sigstore) serveEntry(_ *http.Request, body []byte) ([]byte, string, error) {
	proposed, err := models.UnmarshalProposedEntry(bytes.NewReader(body), runtime.JSONConsumer())
	if err != nil {
		return nil, "", err
	}
	entry, err := types.CreateVersionedEntry(proposed)
	if err != nil {
		return nil, "", err
	}
	canonical, err := types.CanonicalizeEntry(context.Background(), entry)
	if err != nil {
		return nil, "", err
	}
	payload, promise, err := s.set(canonical, time.Now())
	if err != nil {
		return nil, "", err
	}
	leaf := leafHash(canonical)
	checkpoint, err := s.checkpointV1(leaf)
	if err != nil {
		return nil, "", err
	}
	proof := object{"checkpoint": checkpoint, "hashes": []string{}, "logIndex": logIndex,
		"rootHash": hex.EncodeToString(leaf), "treeSize": 1}
	out, err := json.Marshal(object{hex.EncodeToString(leaf): object{
		"body": payload.Body, "integratedTime": payload.IntegratedTime,
		"logID": payload.LogID, "logIndex": payload.LogIndex,
		"verification": object{"signedEntryTimestamp": promise, "inclusionProof": proof}}})
	return out, "application/json", err
}

// entryID is the name of the entry in an answer.
func entryID(answer []byte) string {
	var entries map[string]json.RawMessage
	if json.Unmarshal(answer, &entries) == nil {
		for id := range entries {
			return id
		}
	}
	return ""
}

// serveEntryV2 enters what a client proposes in the Rekor v2 log.
func (s *Sigstore) serveEntryV2(_ *http.Request, body []byte) ([]byte, string, error) {
	var request struct {
		HashedRekord struct {
			Signature object `json:"signature"`
			Digest    []byte `json:"digest"`
		} `json:"hashedRekordRequestV002"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, "", err
	}
	record := request.HashedRekord
	hashes := map[int]crypto.Hash{32: crypto.SHA256, 48: crypto.SHA384, 64: crypto.SHA512}
	hash := hashes[len(record.Digest)]
	if hash == 0 || record.Signature == nil {
		return nil, "", errors.New("no hashedrekord")
	}
	entry, err := s.enterV2(hash, record.Digest, record.Signature)
	if err != nil {
		return nil, "", err
	}
	out, err := protojson.Marshal(entry)
	return out, "application/json", err
}

// serveTimestamp answers a timestamp request (RFC 3161, section 2.4).
func (s *Sigstore) serveTimestamp(_ *http.Request, body []byte) ([]byte, string, error) {
	request, err := timestamp.ParseRequest(body)
	if err != nil {
		return nil, "", err
	}
	t := timestamp.Timestamp{HashAlgorithm: request.HashAlgorithm,
		HashedMessage: request.HashedMessage, Nonce: request.Nonce, Time: time.Now(),
		Policy: stampPolicy, AddTSACertificate: request.Certificates}
	out, err := t.CreateResponseWithOpts(s.stamper, s.stamperKey, crypto.SHA256)
	return out, "application/timestamp-reply", err
}
