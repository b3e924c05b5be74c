// Package oci names OCI content the way plumb writes it everywhere: host,
// repository, tag and digest in one canonical form. It knows names only, no
// registry.
package oci

// Name is a parsed OCI reference in canonical form: Docker Hub is "docker.io",
// its official images live under "library/", the host is lower case.
//
// The zero Name names nothing.
type Name struct {
	Host       string // registry host with its port, "docker.io" for Docker Hub
	Repository string // path below the host, "library/nginx"
	Tag        string // as written, "" if the reference has none
	Digest     string // "sha256:…" or "sha512:…", "" if the reference has none
}

// Repo is the name without tag and digest: "docker.io/library/nginx".
func (n Name) Repo() string { return n.Host + "/" + n.Repository }

// String is the whole name in canonical form; Parse gives n back.
func (n Name) String() string {
	s := n.Repo()
	if n.Tag != "" {
		s += ":" + n.Tag
	}
	if n.Digest != "" {
		s += "@" + n.Digest
	}
	return s
}

// Tracked is what the name follows: its tag; where it has none, "latest"; where
// it has only a digest, that.
func (n Name) Tracked() string {
	switch {
	case n.Tag != "":
		return n.Host + "/" + n.Repository + ":" + n.Tag
	case n.Digest != "":
		return n.Host + "/" + n.Repository + "@" + n.Digest
	}
	return n.Host + "/" + n.Repository + ":latest"
}
