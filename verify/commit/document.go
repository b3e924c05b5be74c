package commit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
)

// What a document of signers begins with.
const (
	apiVersion = "plumb.dev/v1"
	kind       = "CommitSigners"
)

var documentKind = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^kind:[ \t]*` + kind + `[ \t]*\r?$`)
})

// isDocument reports whether a file is one of kind CommitSigners.
func isDocument(data []byte) bool { return documentKind().Match(data) }

// parseDocument reads a file of kind CommitSigners. The error is a yaml.ErrorList.
func parseDocument(name string, data []byte) (certified, error) {
	r := yaml.NewReader(name, data, yaml.Options{Name: kind})
	var c certified
	if root, ok := r.Document(); ok {
		c.read(root)
	}
	if err := r.Err(); err != nil {
		return certified{}, err
	}
	return c, nil
}

// read reads a document into c.
func (c *certified) read(root yaml.Value) {
	var version, is string
	root.Mapping(
		yaml.Field{Name: "apiVersion", Read: yaml.OneOf(&version, apiVersion)},
		yaml.Field{Name: "kind", Read: yaml.OneOf(&is, kind)},
		yaml.Field{Name: "trustedRoot", Read: c.trustedRoot},
		yaml.Field{Name: "identities", Read: func(v yaml.Value) {
			v.Items(c.identity)
			if v.Node.Kind == yaml.Sequence && v.Node.FirstChild == nil {
				v.Errorf("%s is empty: name at least one identity", v)
			}
		}},
	).Require("apiVersion", "kind", "trustedRoot", "identities")
}

// trustedRoot reads the file that v names, by its path from the document's folder.
func (c *certified) trustedRoot(v yaml.Value) {
	file, ok := v.Text()
	if !ok {
		return
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(v.Place().File), file)
	}
	raw, err := os.ReadFile(file)
	if err == nil {
		if c.trust, err = signature.ParseTrustedRoot(raw); err != nil {
			err = fmt.Errorf("%s: %w", file, err)
		}
	}
	if err != nil {
		v.Errorf("%s: %v", v, err)
	}
}

// identity reads one item of identities.
func (c *certified) identity(v yaml.Value) {
	var issuer, issuerExp, subject, subjectExp string
	has := v.Mapping(
		yaml.Field{Name: "issuer", Read: yaml.Into(&issuer)},
		yaml.Field{Name: "issuerRegExp", Read: yaml.Into(&issuerExp)},
		yaml.Field{Name: "subject", Read: yaml.Into(&subject)},
		yaml.Field{Name: "subjectRegExp", Read: yaml.Into(&subjectExp)},
	)
	for _, name := range []string{"issuer", "subject"} {
		if has.Valid() && !has.Has(name) && !has.Has(name+"RegExp") {
			v.Errorf("%s has neither %s nor %sRegExp", v, name, name)
		}
	}
	if issuer+issuerExp == "" || subject+subjectExp == "" {
		return // which has been said
	}
	one, err := signature.NewIdentity(issuer, issuerExp, subject, subjectExp)
	if err != nil {
		v.Errorf("%s: %v", v, err)
		return
	}
	c.identities = append(c.identities, one)
}
