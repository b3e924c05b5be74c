// Package tuftest has TUF repositories for tests, signed by keys that are made on the
// spot.
package tuftest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Repository is a TUF repository with consistent snapshots, one key for all roles. It is
// an http.Handler that serves its files.
type Repository struct {
	// Usage says what targets are for, by name: "Fulcio", "Rekor", "CTFE", "TSA".
	Usage map[string]string

	mu     sync.Mutex
	files  map[string][]byte
	root   []byte // the first
	signer signature.Signer
	roots  int64 // how many there are
}

// New returns a repository with a root, which has published nothing.
func New() (*Repository, error) {
	r := &Repository{files: map[string][]byte{}}
	if err := r.Rotate(time.Now().AddDate(1, 0, 0)); err != nil {
		return nil, err
	}
	r.root = r.files["1.root.json"]
	return r, nil
}

// Root returns the first root, which others trust.
func (r *Repository) Root() []byte { return bytes.Clone(r.root) }

// Rotate adds a root with a new key, signed by the one before as well.
func (r *Repository) Rotate(expires time.Time) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer, err := signature.LoadSigner(private, crypto.Hash(0))
	if err != nil {
		return err
	}
	key, err := metadata.KeyFromPublicKey(public)
	if err != nil {
		return err
	}
	next := metadata.Root(expires)
	r.roots++
	next.Signed.Version, next.Signed.ConsistentSnapshot = r.roots, true
	roles := []string{metadata.ROOT, metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS}
	for _, role := range roles {
		if err := next.Signed.AddKey(key, role); err != nil {
			return err
		}
	}
	for _, s := range []signature.Signer{signer, r.signer} {
		if s == nil {
			continue
		}
		if _, err := next.Sign(s); err != nil {
			return err
		}
	}
	r.signer = signer
	data, err := next.ToBytes(false)
	r.put(fmt.Sprintf("%d.root.json", r.roots), data)
	return err
}

// Publish signs targets as a version, with metadata that expires. Earlier versions can
// still be fetched; the timestamp names this one.
func (r *Repository) Publish(version int64, expires time.Time, targets map[string][]byte) error {
	list, snapshot := metadata.Targets(expires), metadata.Snapshot(expires)
	timestamp := metadata.Timestamp(expires)
	list.Signed.Version, snapshot.Signed.Version = version, version
	timestamp.Signed.Version = version
	snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(version)
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(version)
	for name, content := range targets {
		info, err := metadata.TargetFile().FromBytes(name, content, "sha256", "sha512")
		if err != nil {
			return err
		}
		if usage, ok := r.Usage[name]; ok {
			custom := json.RawMessage(
				fmt.Sprintf(
					`{"sigstore":{"usage":%q,"status":"Active","uri":"https://acme.example"}}`,
					usage,
				),
			)
			info.Custom = &custom
		}
		list.Signed.Targets[name] = info
		for _, hash := range info.Hashes {
			r.put("targets/"+hash.String()+"."+name, content)
		}
	}
	if err := publish(r, fmt.Sprintf("%d.targets.json", version), list); err != nil {
		return err
	}
	if err := publish(r, fmt.Sprintf("%d.snapshot.json", version), snapshot); err != nil {
		return err
	}
	return publish(r, "timestamp.json", timestamp)
}

func publish[T metadata.Roles](r *Repository, name string, m *metadata.Metadata[T]) error {
	if _, err := m.Sign(r.signer); err != nil {
		return err
	}
	data, err := m.ToBytes(false)
	r.put(name, data)
	return err
}

func (r *Repository) put(name string, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[name] = data
}

// Change puts change's outcome in the place of a file.
func (r *Repository) Change(name string, change func([]byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[name] = change(r.files[name])
}

// Names returns the files whose names begin with a prefix: a target is served by the
// name that each of its hashes gives it, and a client takes any.
func (r *Repository) Names(prefix string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name := range r.files {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

// ServeHTTP serves the files.
func (r *Repository) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	name := strings.TrimPrefix(request.URL.Path, "/")
	r.mu.Lock()
	data, ok := r.files[name]
	r.mu.Unlock()
	if !ok {
		http.NotFound(w, request)
		return
	}
	_, _ = w.Write(data) // a client that has gone needs nothing
}
