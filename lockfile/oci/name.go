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
	Digest     string // "sha256:…", "" if the reference has none
}
