package policy

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// clusterImagePolicy is a ClusterImagePolicy as it judges.
type clusterImagePolicy struct {
	at          place
	name        string
	images      []glob
	warn        bool
	match       []resource
	authorities []*authority
	rule        *rule

	// anyRepository accepts signatures that name another repository.
	anyRepository bool
}

// authority is one item of spec.authorities: one of static, key and keyless.
type authority struct {
	at           place
	name         string
	static       *static
	key          *signature.Key
	keyless      *keyless
	source       *Source
	log          *logDemand
	timestamp    *trustRef
	attestations []attestation
	format       Format

	// requirement is what key, keyless, log and timestamp come to: that of a
	// signature; an attestation's has its predicate type besides.
	requirements []signature.Requirement
}

type static struct {
	fail    bool
	message string
}

type keyless struct {
	at         place
	identities []signature.Identity
	root       *trustRef
	authority  *signature.Trust // of ca-cert
	noSCT      bool
}

// logDemand is spec.authorities[].ctlog.
type logDemand struct {
	at   place
	url  bool
	root *trustRef
}

// trustRef names a TrustRoot.
type trustRef struct {
	at   place
	name string
}

// attestation is one item of spec.authorities[].attestations.
type attestation struct {
	name          string
	predicateType string // as written
	uri           string // what it stands for
	rule          *rule
}

// Format is the form in which a signature is stored.
type Format string

// The formats that a policy may ask for.
const (
	AnyFormat Format = ""
	Legacy    Format = "legacy" // .sig and .att tags
	Bundle    Format = "bundle" // a sigstore bundle that refers to the image
)

// clusterImagePolicy reads a ClusterImagePolicy.
func (s *parser) clusterImagePolicy(r *reader, n *yaml.Node) {
	p := &clusterImagePolicy{at: r.at(n)}
	before := len(s.errs)
	r.object(n, func(n *yaml.Node, path string) {
		p.name = r.name(n, path)
		p.anyRepository = r.anyRepository(n, path)
	}, func(n *yaml.Node, path string) { s.spec(r, p, n, path) })
	for _, other := range s.policies {
		if other.name == p.name && p.name != "" {
			r.errorf(n, "there are two policies named %q: the other is %s", p.name, other.at)
		}
	}
	if p.name != "" || len(s.errs) == before {
		s.policies = append(s.policies, p)
	}
}

const (
	ownAnnotations = "plumb.dev/"
	anyRepository  = ownAnnotations + "any-repository"
)

// anyRepository reads the annotation with which a policy says that a signature may name another
// repository than the image's, as that of a copy does. Other annotations are not plumb's.
func (r *reader) anyRepository(n *yaml.Node, path string) (any bool) {
	annotations := target(n).Get("annotations")
	if annotations == nil {
		return false
	}
	for key, value := range target(annotations).Pairs() {
		switch v := target(value); {
		case !strings.HasPrefix(key.Value, ownAnnotations):
		case key.Value != anyRepository:
			r.errorf(key, "%s.annotations: %q is not known; known is %s", path, key.Value, anyRepository)
		case v.Kind != yaml.Scalar || v.Value != "true" && v.Value != "false" || scalarKind(v) != "a string":
			r.errorf(v, "%s.annotations: %s must be \"true\" or \"false\", in quotes", path, anyRepository)
		default:
			any = v.Value == "true"
		}
	}
	return any
}

func (s *parser) spec(r *reader, p *clusterImagePolicy, n *yaml.Node, path string) {
	var mode string
	has := r.mapping(n, path,
		field{"images", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) { p.images = append(p.images, r.image(n, path)) })
		}},
		field{"authorities", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) { s.authority(r, p, n, path) })
		}},
		field{"policy", func(n *yaml.Node, path string) { p.rule = s.rule(r, n, path, true) }},
		field{"mode", r.oneOf(&mode, "enforce", "warn")},
		field{"match", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) { p.match = append(p.match, r.resource(n, path)) })
		}},
	)
	p.warn = mode == "warn"
	if has == nil {
		return
	}
	if len(p.images) == 0 {
		r.errorf(n, "%s.images is missing or empty: the policy is for no image", path)
	}
	if len(p.authorities) == 0 {
		r.errorf(n, "%s.authorities is missing or empty: the policy says of nobody that they may sign", path)
	}
}

// image reads one item of spec.images.
func (r *reader) image(n *yaml.Node, path string) (g glob) {
	has := r.mapping(n, path, field{"glob", func(n *yaml.Node, path string) {
		text, ok := r.text(n, path)
		if !ok {
			return
		}
		var err error
		if g, err = compileGlob(text); err != nil {
			r.errorf(target(n), "%s: %q: %v", path, text, err)
			return
		}
		if g.unpinned() {
			r.remarkf(target(n), "%s: %q names no digest, and so no pinned image: write %s@* for all of the repository's", path, text, repository(text))
		}
	}})
	if has != nil && has["glob"] == nil {
		r.errorf(n, "%s has no glob", path)
	}
	return g
}
