package policy_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

var (
	signed  = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	expires = signed.AddDate(0, 0, 7)
)

// tuf is a TUF repository that one key signs.
type tuf struct {
	t      *testing.T
	signer signature.Signer
	roots  []*metadata.Metadata[metadata.RootType]
	files  map[string][]byte
}

func newSigner(t *testing.T) (signature.Signer, *metadata.Key) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := signature.LoadSigner(private, crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	key, err := metadata.KeyFromPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key
}

// newTUF makes a repository with the given targets; custom is their custom metadata.
func newTUF(t *testing.T, consistent bool, targets map[string]string, custom map[string]string) *tuf {
	t.Helper()
	r := &tuf{t: t, files: map[string][]byte{}}
	r.rotate(consistent)
	r.publish(consistent, targets, custom)
	return r
}

// publish signs targets, and the metadata that leads to them, with the newest key.
func (r *tuf) publish(consistent bool, targets map[string]string, custom map[string]string) {
	r.t.Helper()
	list, prefix := metadata.Targets(expires), ""
	if consistent {
		prefix = "1."
	}
	for name, content := range targets {
		info, err := metadata.TargetFile().FromBytes(name, []byte(content), "sha256")
		if err != nil {
			r.t.Fatal(err)
		}
		if text, ok := custom[name]; ok {
			raw := json.RawMessage(text)
			info.Custom = &raw
		}
		list.Signed.Targets[name] = info
		file := "targets/" + name
		if consistent {
			file = "targets/" + info.Hashes["sha256"].String() + "." + name
		}
		r.files[file] = []byte(content)
	}
	snapshot, timestamp := metadata.Snapshot(expires), metadata.Timestamp(expires)
	sign(r, list)
	sign(r, snapshot)
	sign(r, timestamp)
	r.files[prefix+"targets.json"] = toBytes(r.t, list)
	r.files[prefix+"snapshot.json"] = toBytes(r.t, snapshot)
	r.files["timestamp.json"] = toBytes(r.t, timestamp)
}

// rotate adds a root with a new key, signed by the one before as well.
func (r *tuf) rotate(consistent bool) {
	r.t.Helper()
	old := r.signer
	signer, key := newSigner(r.t)
	next := metadata.Root(expires)
	next.Signed.Version = int64(len(r.roots) + 1)
	next.Signed.ConsistentSnapshot = consistent
	for _, role := range []string{metadata.ROOT, metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS} {
		if err := next.Signed.AddKey(key, role); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, s := range []signature.Signer{signer, old} {
		if s != nil {
			if _, err := next.Sign(s); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	r.signer, r.roots = signer, append(r.roots, next)
	r.files[fmt.Sprintf("%d.root.json", next.Signed.Version)] = toBytes(r.t, next)
}

func sign[T metadata.Roles](r *tuf, m *metadata.Metadata[T]) {
	r.t.Helper()
	if _, err := m.Sign(r.signer); err != nil {
		r.t.Fatal(err)
	}
}

func toBytes[T metadata.Roles](t *testing.T, m *metadata.Metadata[T]) []byte {
	t.Helper()
	data, err := m.ToBytes(false)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// archive packs the repository below folder.
func (r *tuf) archive(folder string) []byte {
	r.t.Helper()
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	w := tar.NewWriter(zipped)
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		data := r.files[name]
		if err := w.WriteHeader(&tar.Header{Name: folder + name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			r.t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		r.t.Fatal(err)
	}
	return buf.Bytes()
}

// document is a TrustRoot named acme with the repository in it; more are lines below
// spec.repository.
func (r *tuf) document(archive []byte, more ...string) string {
	return "apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: acme}\nspec:\n  repository:\n    root: " +
		base64.StdEncoding.EncodeToString(r.files["1.root.json"]) + "\n    mirrorFS: |-\n" + indent(6, lines(archive)) + indent(4, strings.Join(more, "\n"))
}

// lines is data in base64, in lines as people write it.
func lines(data []byte) string {
	var b strings.Builder
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), 76) {
		b.Write(append(chunk, '\n'))
	}
	return b.String()
}
