package git

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a folder with credentials, all of them optional; the names are those of
// a mounted Secret's keys.
const (
	fileUser       = "username"       // of HTTPS
	filePassword   = "password"       // of HTTPS
	fileToken      = "token"          // of HTTPS, in place of a password
	fileBearer     = "bearer-token"   // of HTTPS, as the header Authorization: Bearer
	fileKey        = "ssh-privatekey" // of SSH, PEM, without a passphrase
	fileKnownHosts = "known_hosts"    // of SSH, needed
	fileCA         = "ca.crt"         // of HTTPS, PEM, in place of the system's
)

// tokenUser is the user for a token without one; servers check the token only.
const tokenUser = "x-access-token"

// credentials are what a folder had when it was read.
type credentials struct {
	dir            string
	user, password string
	bearer         string
	key            []byte
	knownHosts     string // the file's path
	roots          *x509.CertPool
}

// readCredentials reads the files of a folder.
func readCredentials(dir string) (*credentials, error) {
	c := &credentials{dir: dir}
	if dir == "" {
		return c, nil
	}
	files := map[string][]byte{}
	for _, name := range []string{fileUser, filePassword, fileToken, fileBearer, fileKey,
		fileKnownHosts, fileCA} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case err == nil:
			files[name] = data
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no credentials: it may have username and password, token, "+
			"bearer-token, ssh-privatekey and known_hosts, ca.crt", dir)
	}
	word := func(name string) string { return string(bytes.TrimSpace(files[name])) }
	c.user, c.password, c.bearer, c.key = word(fileUser), word(filePassword), word(fileBearer),
		files[fileKey]
	if token := word(fileToken); token != "" {
		if c.password != "" {
			return nil, fmt.Errorf("%s has both a password and a token", dir)
		}
		c.password = token
		if c.user == "" {
			c.user = tokenUser
		}
	}
	if _, ok := files[fileKnownHosts]; ok {
		c.knownHosts = filepath.Join(dir, fileKnownHosts)
	}
	if pem, ok := files[fileCA]; ok {
		c.roots = x509.NewCertPool()
		if !c.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate (PEM)", filepath.Join(dir, fileCA))
		}
	}
	return c, nil
}

// secret reports whether there is a secret to send over HTTP.
func (c *credentials) secret() bool { return c.password != "" || c.bearer != "" }
