package generate

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/admission"
)

// Certificates says where the webhook's certificate comes from. The zero
// Certificates is no choice.
type Certificates int

const (
	// SelfSigned lets the webhook make its own, and keep them in a Secret.
	SelfSigned Certificates = iota + 1
	// CertManager asks cert-manager for one.
	CertManager
	// CABundle takes the one in the Secret plumb-admission-tls, which Options.CABundle
	// vouches for.
	CABundle
)

// Options are what Manifests is told. Image, Git and Certificates have to be there.
type Options struct {
	Namespace string // "plumb-system" if it is ""
	Image     string // with its sha256 digest
	Replicas  int    // 2 if it is 0

	Git          string   // URL of the repository
	Branch       string   // "main" if it is ""
	Paths        []string // lock roots, as the flag --path of plumb admission serve takes them
	Credentials  string   // Secret with what git asks for; "" if it asks for nothing
	TrustCommits string   // Secret whose file signers says who may sign commits; "" if anybody may
	Policy       string   // ConfigMap with the cluster's own policies; "" if the repository's are good enough

	Mode       admission.Mode
	Existing   bool     // let updates in, with a warning, that change no image
	Exempt     []string // namespaces, besides Namespace, that are not judged
	BreakGlass []string // users and groups
	// Resources are custom resources that are judged too: "group/plural".
	Resources []string

	Certificates Certificates
	CABundle     []byte // PEM, with the choice CABundle
}

const (
	defaultNamespace = "plumb-system"
	defaultBranch    = "main"
	defaultReplicas  = 2

	// server is the name of all that is installed.
	server = "plumb-admission"
	// tlsSecret keeps the webhook's certificate.
	tlsSecret = server + "-tls"
)

// Manifests writes what installs plumb admission serve in a cluster. The error is an
// *OptionError.
func Manifests(o Options) ([]byte, error) {
	if o.Namespace == "" {
		o.Namespace = defaultNamespace
	}
	if o.Branch == "" {
		o.Branch = defaultBranch
	}
	if o.Replicas == 0 {
		o.Replicas = defaultReplicas
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	objects := []object{o.namespace(), o.serviceAccount()}
	objects = append(objects, o.rbac()...)
	if o.Certificates == CertManager {
		objects = append(objects, o.issuer(), o.certificate())
	}
	objects = append(objects, o.networkPolicy(), o.service(), o.disruptionBudget(), o.deployment(), o.webhook())
	return write(o.comment(), objects)
}

// comment tells how the file is used, and what it wants to be there.
func (o Options) comment() string {
	text := `Installs plumb's admission webhook. Written by plumb admission manifests.

The webhook denies what it cannot judge, so let its server be ready before it is asked:

    kubectl apply --server-side -l ` + componentLabel + `=server -f FILE
    kubectl -n ` + o.Namespace + ` rollout status deployment/` + server + `
    kubectl apply --server-side -f FILE

Namespaces that are not judged: ` + strings.Join(o.exempt(), ", ") + `. Whatever a node needs before Pods run
on it, such as its network, belongs in one of them: else a cluster without a running webhook
cannot start it. Whoever may write to them, or set the label ` + modeLabel + ` of a
namespace, decides what runs there.`
	var wants []string
	if o.Credentials != "" {
		wants = append(wants, "Secret "+o.Credentials+": username and password, token, or ssh-privatekey and known_hosts; ca.crt if git's is no public one")
	}
	if o.TrustCommits != "" {
		wants = append(wants, "Secret "+o.TrustCommits+": signers, who may sign commits")
	}
	if o.Policy != "" {
		wants = append(wants, "ConfigMap "+o.Policy+": the cluster's policies, and the trusted root")
	}
	if o.Certificates == CABundle {
		wants = append(wants, "Secret "+tlsSecret+": tls.crt and tls.key, for "+o.host())
	}
	if len(wants) > 0 {
		text += "\n\nIt wants in the namespace " + o.Namespace + "\n  - " + strings.Join(wants, "\n  - ")
	}
	return text
}

// exempt are the namespaces that are not judged: its own among them, as the webhook
// could not come back otherwise once it is gone.
func (o Options) exempt() []string {
	out := []string{o.Namespace}
	for _, name := range o.Exempt {
		if name != o.Namespace {
			out = append(out, name)
		}
	}
	return out
}

// host is the name that API servers know the webhook by.
func (o Options) host() string { return server + "." + o.Namespace + ".svc" }

// subdomain matches a name of an object (RFC 1123).
var subdomain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
})

// resource matches a custom resource: its group, a slash, its plural.
var resource = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[a-z][a-z0-9]*$`)
})

func (o Options) check() error {
	if !label().MatchString(o.Namespace) {
		return &OptionError{"namespace", o.Namespace, "is no name of a namespace"}
	}
	if n, err := oci.Parse(o.Image); err != nil || !lockfile.ValidDigest(n.Digest) {
		return &OptionError{"image", o.Image, "is no image with its digest: write NAME@sha256:…"}
	}
	if !known(o.Mode) {
		return &OptionError{"mode", o.Mode.String(), "is no mode"}
	}
	if o.Replicas < 1 {
		return &OptionError{"replicas", fmt.Sprint(o.Replicas), "is not at least 1"}
	}
	if _, err := gitPort(o.Git); err != nil {
		return &OptionError{"git", o.Git, err.Error()}
	}
	if !line(o.Branch) {
		return &OptionError{"branch", o.Branch, "is no branch"}
	}
	for _, path := range o.Paths {
		if !line(path) || strings.HasPrefix(path, "/") {
			return &OptionError{"path", path, "is not PATH, or PATH=NAMESPACE,NAMESPACE, from the repository's top"}
		}
	}
	for _, named := range []struct{ option, name string }{
		{"credentials", o.Credentials}, {"trust-commits", o.TrustCommits}, {"policy", o.Policy},
	} {
		if named.name != "" && !subdomain().MatchString(named.name) {
			return &OptionError{named.option, named.name, "is no name of an object in the cluster"}
		}
	}
	for _, name := range o.BreakGlass {
		if !line(name) {
			return &OptionError{"break-glass", name, "is no user or group"}
		}
	}
	for _, r := range o.Resources {
		if !resource().MatchString(r) {
			return &OptionError{"resource", r, "is not GROUP/PLURAL, as in databases.example.org/clusters"}
		}
	}
	if err := o.checkCertificates(); err != nil {
		return err
	}
	return checkNamespaces("exempt", o.Exempt)
}

// line reports whether a text is something on one line.
func line(text string) bool {
	return text != "" && len(text) <= 512 && !strings.ContainsAny(text, "\r\n\x00")
}

// gitPort is the port at which a repository's server answers.
func gitPort(address string) (string, error) {
	if !line(address) {
		return "", fmt.Errorf("is no address of a repository")
	}
	if !strings.Contains(address, "://") {
		if host, path, ok := strings.Cut(address, ":"); ok && host != "" && path != "" && !strings.Contains(host, "/") {
			return "22", nil // user@host:path
		}
		return "", fmt.Errorf("is no https or ssh address of a repository")
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return "", fmt.Errorf("is no address of a repository")
	}
	if _, secret := u.User.Password(); secret {
		return "", fmt.Errorf("holds a password: it belongs in the Secret of --credentials")
	}
	port, ok := map[string]string{"https": "443", "ssh": "22", "http": "80", "git": "9418"}[u.Scheme]
	if !ok {
		return "", fmt.Errorf("is no https or ssh address of a repository")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return port, nil
}
