package oci

// CanonicalHost returns the host that a Name has for one of Docker Hub's hosts, and
// any other host as it is.
func CanonicalHost(host string) string {
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return dockerHub
	}
	return host
}
