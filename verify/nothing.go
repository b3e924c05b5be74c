package verify

import (
	"slices"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// nothing finds what was to be verified and holds no object: a wrong path, or a tool that
// has rendered none. It must not look like a tree in which all is well. A lock root inside
// of the tree may wait for its manifests.
func nothing(c *checker) {
	if c.Idle {
		c.add(Finding{Rule: Nothing, Severity: Remark, File: c.ConfigFile, Line: 1, Column: 1,
			Message: "no Kubernetes object, kustomization or chart to verify in this lock root",
			Fix:     "add its manifests, or remove " + c.ConfigFile})
	}
	for _, name := range c.Empty {
		f := Finding{Rule: Nothing, Severity: Error, File: name, Line: 1, Column: 1,
			Message: "no Kubernetes object, kustomization or chart to verify",
			Fix:     "name a path with manifests, or correct include and exclude in plumb.yaml"}
		if c.Partial {
			f.Message = "no Kubernetes object to verify"
			f.Fix = "check the command that writes the manifests"
		}
		for i := range c.Files {
			if why := c.Files[i].Unreadable; why != nil && c.emptyStream(&c.Files[i]) {
				f.Line, f.Column, f.Message = why.Line, why.Column, f.Message+": "+why.Message
			}
		}
		c.add(f)
	}
}

// emptyStream reports whether f is a stream that holds nothing to verify.
func (c *checker) emptyStream(f *manifest.File) bool {
	return c.Partial && slices.Contains(c.Empty, f.Path)
}
