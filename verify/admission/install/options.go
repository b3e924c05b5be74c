package install

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/admission"
)

// Certificates is where the webhook's certificate comes from. The zero Certificates is
// invalid.
type Certificates int

// The sources of certificates.
const (
	// SelfSigned makes the webhook create its own certificate and keep it in a Secret.
	SelfSigned Certificates = iota + 1
	// CertManager makes cert-manager issue one.
	CertManager
	// CABundle uses the one in the Secret plumb-admission-tls, which a CA in
	// Options.CABundle has signed.
	CABundle
)

// Options are the options of Manifests. Image, Git and Certificates are required.
type Options struct {
	// Namespace is where the server is installed; "plumb-system" if it is "".
	Namespace string
	// Image is plumb's own, with its sha256 digest.
	Image string
	// Replicas is the number of servers; 2 if it is 0.
	Replicas int

	// Git is the URL of the repository.
	Git string
	// Branch is "main" if it is "".
	Branch string
	// Paths are the lock roots, as the flag --path of plumb admission serve has them.
	Paths []string
	// Credentials is the Secret with the credentials for Git; "" for none.
	Credentials string
	// TrustCommits is the Secret whose key signers has the keys and identities that may sign
	// commits; "" if commits need no signature.
	TrustCommits string
	// Policy is the ConfigMap with the cluster's own policies; "" if those of the repository
	// apply.
	Policy string

	// Mode is that of the namespaces whose label sets none.
	Mode admission.Mode
	// Existing allows updates, with a warning, that change no image.
	Existing bool
	// Exempt are namespaces that are exempt, besides Namespace.
	Exempt []string
	// BreakGlass are the users and groups that may use admission.BreakGlassLabel.
	BreakGlass []string
	// Resources are custom resources to review, too: "group/plural".
	Resources []string

	// Certificates is where the webhook's certificate comes from.
	Certificates Certificates
	// CABundle is the CA for the choice CABundle, PEM.
	CABundle []byte
}

// subdomain matches a name of an object (RFC 1123).
var subdomain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
})

// resource matches a custom resource: its group, a slash, its plural.
var resource = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[a-z][a-z0-9]*$`)
})

// check returns an *admission.OptionError for the first invalid option.
func (o Options) check() error {
	if err := admission.CheckNamespaces("namespace", []string{o.Namespace}); err != nil {
		return err
	}
	if err := admission.CheckMode(o.Mode); err != nil {
		return err
	}
	if n, err := oci.Parse(o.Image); err != nil || !lockfile.ValidDigest(n.Digest) {
		return &admission.OptionError{Option: "image", Value: o.Image,
			Reason: "must have a digest: write NAME@sha256:…"}
	}
	if o.Replicas < 1 {
		return &admission.OptionError{Option: "replicas", Value: fmt.Sprint(o.Replicas),
			Reason: "must be at least 1"}
	}
	if _, err := gitPort(o.Git); err != nil {
		return &admission.OptionError{Option: "git", Value: o.Git, Reason: err.Error()}
	}
	if !line(o.Branch) {
		return &admission.OptionError{Option: "branch", Value: o.Branch, Reason: "invalid branch"}
	}
	for _, path := range o.Paths {
		if !line(path) || strings.HasPrefix(path, "/") {
			return &admission.OptionError{Option: "path", Value: path,
				Reason: "must be PATH or PATH=NAMESPACE,NAMESPACE, relative to the top of the " +
					"repository"}
		}
	}
	for _, named := range []struct{ option, name string }{
		{"credentials", o.Credentials}, {"trust-commits", o.TrustCommits}, {"policy", o.Policy},
	} {
		if named.name != "" && !subdomain().MatchString(named.name) {
			return &admission.OptionError{Option: named.option, Value: named.name,
				Reason: "invalid object name"}
		}
	}
	for _, name := range o.BreakGlass {
		if !line(name) {
			return &admission.OptionError{Option: "break-glass", Value: name,
				Reason: "invalid user or group"}
		}
	}
	for _, r := range o.Resources {
		if !resource().MatchString(r) {
			return &admission.OptionError{Option: "resource", Value: r,
				Reason: "must be GROUP/PLURAL, as in databases.example.org/clusters"}
		}
	}
	if err := o.checkCertificates(); err != nil {
		return err
	}
	return admission.CheckNamespaces("exempt", o.Exempt)
}

// line reports whether a text is one line, and not empty.
func line(text string) bool {
	return text != "" && len(text) <= 512 && !strings.ContainsAny(text, "\r\n\x00")
}

// gitPort is the port at which a repository's server answers.
func gitPort(address string) (int, error) {
	if !line(address) {
		return 0, errors.New("invalid repository URL")
	}
	if !strings.Contains(address, "://") {
		if host, path, ok := strings.Cut(address, ":"); ok && host != "" && path != "" &&
			!strings.Contains(host, "/") {
			return 22, nil // user@host:path
		}
		return 0, errors.New("must be an https or ssh URL")
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return 0, errors.New("invalid repository URL")
	}
	if _, secret := u.User.Password(); secret {
		return 0, errors.New("contains a password: keep it in the Secret of --credentials")
	}
	port, ok := map[string]int{"https": 443, "ssh": 22, "http": 80, "git": 9418}[u.Scheme]
	if !ok {
		return 0, errors.New("must be an https or ssh URL")
	}
	if u.Port() == "" {
		return port, nil
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("invalid port %s", u.Port())
	}
	return int(n), nil
}

// checkCertificates rejects a CABundle by which API servers could not verify a certificate.
func (o Options) checkCertificates() error {
	switch o.Certificates {
	case SelfSigned, CertManager:
		return nil
	case CABundle:
	default:
		return &admission.OptionError{Option: "certificates", Value: "",
			Reason: "no certificate source"}
	}
	n := 0
	for rest := o.CABundle; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil || block.Type != "CERTIFICATE" {
			return &admission.OptionError{Option: "ca-bundle", Value: block.Type,
				Reason: "must contain certificates only"}
		}
	}
	if n == 0 {
		return &admission.OptionError{Option: "ca-bundle", Value: "",
			Reason: "contains no certificate (PEM)"}
	}
	return nil
}
