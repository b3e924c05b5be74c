package policy

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// clusterImagePolicy is a ClusterImagePolicy as it judges.
type clusterImagePolicy struct {
	at          yaml.Place
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
	at           yaml.Place
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
	at         yaml.Place
	identities []signature.Identity
	root       *trustRef
	authority  *signature.Trust // of ca-cert
	noSCT      bool
}

// logDemand is spec.authorities[].ctlog.
type logDemand struct {
	at   yaml.Place
	url  bool
	root *trustRef
}

// trustRef names a TrustRoot.
type trustRef struct {
	at   yaml.Place
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

// The formats that a policy may require.
const (
	AnyFormat Format = ""       // either of them
	Legacy    Format = "legacy" // .sig and .att tags
	Bundle    Format = "bundle" // a sigstore bundle that refers to the image
)

// clusterImagePolicy reads a ClusterImagePolicy.
func (s *parser) clusterImagePolicy(v yaml.Value) {
	p := &clusterImagePolicy{at: v.Place()}
	object(v, func(v yaml.Value) {
		p.name = objectName(v)
		p.anyRepository = readAnyRepository(v)
	}, func(v yaml.Value) { s.spec(p, v) })
	for _, other := range s.policies {
		if other.name == p.name && p.name != "" {
			v.Errorf("there are two policies named %q: the other is %s", p.name, other.at)
		}
	}
	if p.name != "" {
		s.policies = append(s.policies, p)
	}
}

const (
	ownAnnotations = "plumb.dev/"
	anyRepository  = ownAnnotations + "any-repository"
)

// readAnyRepository reads the annotation with which a policy says that a signature may
// name another repository than the image's, as that of a copy does. Other annotations
// are not plumb's.
func readAnyRepository(metadata yaml.Value) (any bool) {
	annotations, ok := metadata.Field("annotations")
	if !ok || annotations.IsNull() {
		return false
	}
	annotations.Entries(func(key, value yaml.Value) {
		switch name, text := key.Node.Value, value.Node.Value; {
		case !strings.HasPrefix(name, ownAnnotations):
		case name != anyRepository:
			key.Errorf("%s: unknown annotation %q: the known one is %s", annotations, name,
				anyRepository)
		case !value.Node.IsString() || text != "true" && text != "false":
			value.Errorf("%s: %s must be \"true\" or \"false\", in quotes", annotations,
				anyRepository)
		default:
			any = text == "true"
		}
	})
	return any
}

// spec reads the spec of a policy.
func (s *parser) spec(p *clusterImagePolicy, v yaml.Value) {
	var mode string
	has := v.Mapping(
		yaml.Field{Name: "images", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) { p.images = append(p.images, s.image(v)) })
		}},
		yaml.Field{Name: "authorities", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) { s.authority(p, v) })
		}},
		yaml.Field{Name: "policy", Read: func(v yaml.Value) { p.rule = s.rule(v, true) }},
		yaml.Field{Name: "mode", Read: yaml.OneOf(&mode, "enforce", "warn")},
		yaml.Field{Name: "match", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) { p.match = append(p.match, readResource(v)) })
		}},
	)
	p.warn = mode == "warn"
	if !has.Valid() {
		return
	}
	if len(p.images) == 0 {
		v.Errorf("%s.images is missing or empty: the policy is for no image", v)
	}
	if len(p.authorities) == 0 {
		v.Errorf("%s.authorities is missing or empty: the policy allows no signer", v)
	}
}

// image reads one item of spec.images.
func (s *parser) image(v yaml.Value) (g glob) {
	has := v.Mapping(yaml.Field{Name: "glob", Read: func(v yaml.Value) {
		text, ok := v.Text()
		if !ok {
			return
		}
		var err error
		if g, err = compileGlob(text); err != nil {
			v.Errorf("%s: %q: %v", v, text, err)
			return
		}
		switch repo, _, _ := strings.Cut(text, "@"); {
		case repository(repo) != repo:
			s.remarkf(v, "%s: %q names a tag, which says nothing about a digest that stands beside "+
				"it: it counts for the images of this tree's lock, and not in policy-controller or "+
				"with --policy; write %s@* for all of the repository's", v, text, repository(repo))
		case g.unpinned():
			s.remarkf(v, "%s: %q names no digest, and so no pinned image: write %s@* for all of "+
				"the repository's", v, text, repository(text))
		}
	}})
	has.Require("glob")
	return g
}
