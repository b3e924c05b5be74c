package policy

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Document is a file of policies: YAML or JSON with any number of
// ClusterImagePolicy and TrustRoot documents, or a sigstore trusted root
// (trusted_root.json), which is the one that policies without a trustRootRef use.
type Document struct {
	File string // what errors call it, slash-separated; key files are found beside it
	Data []byte
}

const maxDocument = 16 << 20

const (
	group          = "policy.sigstore.dev"
	trustMediaType = "application/vnd.dev.sigstore.trustedroot+json"
)

// read reads the documents of a file into s.
func (s *parser) read(doc Document) {
	source := string(doc.Data)
	r := &reader{file: doc.File, source: &source, errs: &s.errs, remarks: &s.remarks}
	if len(doc.Data) > maxDocument {
		r.errorf(&yaml.Node{}, "%d bytes, more than the %d that are read of a policy file", len(doc.Data), maxDocument)
		return
	}
	var p yaml.Parser
	docs, err := p.Parse(source)
	if fault := (*yaml.Error)(nil); errors.As(err, &fault) {
		r.errorf(&yaml.Node{Start: fault.Offset}, "%s", fault.Msg)
		return
	} else if err != nil {
		r.errorf(&yaml.Node{}, "%v", err)
		return
	}
	for _, d := range docs {
		if d.Root == nil || isNull(target(d.Root)) {
			continue // as between two "---"
		}
		s.document(r, target(d.Root), len(docs) == 1)
	}
}

// document reads one document by its kind.
func (s *parser) document(r *reader, n *yaml.Node, alone bool) {
	if n.Kind != yaml.Mapping {
		r.errorf(n, "a policy document must be a mapping, not %s", describe(n))
		return
	}
	if m := n.Get("mediaType"); m != nil && strings.HasPrefix(target(m).Value, trustMediaType) {
		s.trustedRoot(r, n, alone)
		return
	}
	apiVersion, kind := value(n, "apiVersion"), value(n, "kind")
	of, version, ok := strings.Cut(apiVersion, "/")
	switch {
	case apiVersion == "" || kind == "":
		r.errorf(n, "no apiVersion and kind: a policy file holds ClusterImagePolicy and TrustRoot documents of %s", group)
	case apiVersion == "v1" && kind != "List", of == "kustomize.config.k8s.io":
		// A namespace, or what brings policies to a cluster: not for plumb.
	case !ok || of != group:
		r.errorf(n, "a %s of %s is no policy: a policy file holds ClusterImagePolicy and TrustRoot documents of %s", kind, apiVersion, group)
	case kind == "ClusterImagePolicy" && (version == "v1alpha1" || version == "v1beta1"):
		s.clusterImagePolicy(r, n)
	case kind == "TrustRoot" && version == "v1alpha1":
		s.trustRoot(r, n)
	case kind == "ClusterImagePolicy":
		r.errorf(n.Get("apiVersion"), "version %q of ClusterImagePolicy is not known; known are v1alpha1, v1beta1", version)
	case kind == "TrustRoot":
		r.errorf(n.Get("apiVersion"), "version %q of TrustRoot is not known; known is v1alpha1", version)
	default:
		r.errorf(n.Get("kind"), "kind %q is not known; known are ClusterImagePolicy and TrustRoot", kind)
	}
}

// object reads the fields that both kinds have, metadata and spec by the functions
// given.
func (r *reader) object(n *yaml.Node, metadata, spec func(*yaml.Node, string)) {
	has := r.mapping(n, "",
		field{"apiVersion", ignore},
		field{"kind", ignore},
		field{"metadata", metadata},
		field{"spec", spec},
		field{"status", ignore},
	)
	for _, field := range []string{"metadata", "spec"} {
		if has != nil && has[field] == nil {
			r.errorf(n, "no %s", field)
		}
	}
}

// name reads the name in metadata.
func (r *reader) name(n *yaml.Node, path string) string {
	n = target(n)
	if n.Kind != yaml.Mapping {
		r.errorf(n, "%s must be a mapping, not %s", path, describe(n))
		return ""
	}
	found := n.Get("name")
	if found == nil {
		r.errorf(n, "%s has no name", path)
		return ""
	}
	name, _ := r.text(found, path+".name")
	return name
}

// value returns the string of a key of n, or "".
func value(n *yaml.Node, key string) string {
	if v := n.Get(key); v != nil && target(v).Kind == yaml.Scalar {
		return target(v).Value
	}
	return ""
}

// beside reads a file of at most limit bytes that a document names by its path from
// the document's folder.
func (s *parser) beside(r *reader, name string, limit int) ([]byte, error) {
	full := path.Join(path.Dir(r.file), name)
	switch {
	case path.IsAbs(name) || strings.Contains(name, `\`):
		return nil, errors.New("write the path from this file's folder, with slashes")
	case climbs(full) > climbs(path.Dir(r.file)):
		return nil, errors.New("it lies outside of the folder that policies are read from")
	case s.options.ReadFile == nil:
		return nil, errors.New("no files are read here: write the content as data")
	}
	data, err := s.options.ReadFile(full)
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%d bytes, more than the %d that are read", len(data), limit)
	}
	s.hash(full, data)
	return data, nil
}

// climbs is how many folders up a clean path leads before it leads down. A document's own
// path does where it is shown from a folder below the tree's top.
func climbs(name string) int {
	n := 0
	for part := range strings.SplitSeq(name, "/") {
		if part != ".." {
			break
		}
		n++
	}
	return n
}

const maxKeyFile = 256 << 10
