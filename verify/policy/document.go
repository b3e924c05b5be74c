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
	Data []byte // the bytes of the file
}

const maxDocument = 16 << 20

const (
	group          = "policy.sigstore.dev"
	trustMediaType = "application/vnd.dev.sigstore.trustedroot+json"
)

// strictness is how policies are read: as the Kubernetes API server does, but for what
// it would pass over in silence.
var strictness = yaml.Options{Aliases: true, NullAbsent: true}

// read reads the documents of a file into s.
func (s *parser) read(doc Document) {
	r := yaml.NewReader(doc.File, doc.Data, strictness)
	if len(doc.Data) > maxDocument {
		r.Errorf(nil, "%d bytes exceed the limit of %d for a policy file", len(doc.Data),
			maxDocument)
	} else {
		docs := r.Documents()
		for _, v := range docs {
			if v.Node.Kind == yaml.Mapping &&
				strings.HasPrefix(value(v.Node, "mediaType"), trustMediaType) {
				s.trustedRoot(v, doc.Data, len(docs) == 1)
				continue
			}
			s.document(v)
		}
	}
	s.errs = append(s.errs, r.Errors()...)
}

// document reads one document by its kind.
func (s *parser) document(v yaml.Value) {
	n := v.Node
	if n.Kind != yaml.Mapping {
		v.Mapping() // which says so
		return
	}
	apiVersion, kind := value(n, "apiVersion"), value(n, "kind")
	of, version, ok := strings.Cut(apiVersion, "/")
	switch {
	case isList(apiVersion, kind):
		s.list(v)
	case apiVersion == "" || kind == "":
		v.Errorf("no apiVersion and kind: a policy file holds ClusterImagePolicy and TrustRoot "+
			"documents of %s", group)
	case apiVersion == "v1", of == "kustomize.config.k8s.io":
		// A namespace, or what brings policies to a cluster: not for plumb.
	case !ok || of != group:
		v.Errorf("a %s of %s is not a policy: a policy file holds ClusterImagePolicy and "+
			"TrustRoot documents of %s", kind, apiVersion, group)
	case kind == "ClusterImagePolicy" && (version == "v1alpha1" || version == "v1beta1"):
		s.clusterImagePolicy(v)
	case kind == "TrustRoot" && version == "v1alpha1":
		s.trustRoot(v)
	case kind == "ClusterImagePolicy":
		at(v, "apiVersion").Errorf(
			"unknown version %q of ClusterImagePolicy: known versions are v1alpha1 and v1beta1",
			version)
	case kind == "TrustRoot":
		at(v, "apiVersion").Errorf("unknown version %q of TrustRoot: the known version is v1alpha1",
			version)
	default:
		at(v, "kind").Errorf("unknown kind %q: known kinds are ClusterImagePolicy and TrustRoot",
			kind)
	}
}

// at returns the value of a field that v has.
func at(v yaml.Value, key string) yaml.Value {
	field, _ := v.Field(key)
	return field
}

// object reads the fields that both kinds have, metadata and spec by the functions
// given.
func object(v yaml.Value, metadata, spec func(yaml.Value)) {
	v.Mapping(
		yaml.Field{Name: "apiVersion", Read: yaml.Ignore},
		yaml.Field{Name: "kind", Read: yaml.Ignore},
		yaml.Field{Name: "metadata", Read: metadata},
		yaml.Field{Name: "spec", Read: spec},
		yaml.Field{Name: "status", Read: yaml.Ignore},
	).Require("metadata", "spec")
}

// objectName reads the name in metadata.
func objectName(v yaml.Value) (name string) {
	found, ok := v.Field("name")
	switch {
	case v.Node.Kind != yaml.Mapping:
		v.Mapping() // which says so
	case !ok:
		v.Errorf("%s has no name", v)
	default:
		name, _ = found.Text()
	}
	return name
}

// value returns the string of a key of n, or "".
func value(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil && v.Kind == yaml.Scalar {
		return v.Value
	}
	return ""
}

// beside reads a file of at most limit bytes that the document in file names by its path
// from the document's folder.
func (s *parser) beside(file, name string, limit int) ([]byte, error) {
	full := path.Join(path.Dir(file), name)
	switch {
	case path.IsAbs(name) || strings.Contains(name, `\`):
		return nil, errors.New("write the path from this file's folder, with slashes")
	case climbs(full) > climbs(path.Dir(file)):
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
