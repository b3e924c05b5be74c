package chart

import (
	"fmt"
	"net/url"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/plumb-dev/plumb/resolver/httpget"
)

// account is the credentials for an HTTP repository, and the files for TLS.
type account struct {
	login httpget.Login
	files httpget.TLSFiles
}

// accounts finds credentials where helm and others keep them. Each file is read when it is
// first needed:
//
//   - helm's repositories.yaml (HELM_REPOSITORY_CONFIG, or in HELM_CONFIG_HOME, or in
//     helm's folder of the user's configuration), for the repository of the same URL,
//   - the file that NETRC names, or ~/.netrc, for the host.
//
// Helm's insecure_skip_tls_verify is not honoured.
type accounts struct {
	getenv func(string) string

	read    sync.Once
	entries []helmEntry
	netrc   map[string]httpget.Login // by host name
	err     error
}

// helmEntry is one repository of a repositories.yaml.
type helmEntry struct {
	URL                string `json:"url"`
	Username           string `json:"username"`
	Password           string `json:"password"`
	CertFile           string `json:"certFile"`
	KeyFile            string `json:"keyFile"`
	CAFile             string `json:"caFile"`
	PassCredentialsAll bool   `json:"pass_credentials_all"`
}

// of returns the account for a repository. The error names the file that is at fault and
// repeats nothing of its content.
func (a *accounts) of(u *url.URL) (account, error) {
	a.read.Do(a.load)
	if a.err != nil {
		return account{}, a.err
	}
	for _, e := range a.entries {
		other, err := parseRepo(e.URL)
		if err != nil || other.String() != u.String() {
			continue
		}
		found := account{files: httpget.TLSFiles{CA: e.CAFile, Cert: e.CertFile, Key: e.KeyFile}}
		found.login = a.netrc[u.Hostname()]
		if e.Username != "" && e.Password != "" {
			found.login = httpget.Login{
				Username: e.Username, Password: e.Password, From: a.helmFile(),
			}
		}
		found.login.Everywhere = e.PassCredentialsAll
		return found, nil
	}
	return account{login: a.netrc[u.Hostname()]}, nil
}

func (a *accounts) load() {
	name := a.helmFile()
	data, err := httpget.ReadCredentials(name)
	if err != nil {
		a.err = err
		return
	}
	var file struct {
		Repositories []helmEntry `json:"repositories"`
	}
	if yaml.Unmarshal(data, &file) != nil { // the error may repeat a password
		a.err = fmt.Errorf("%s: not a repositories.yaml of helm", name)
		return
	}
	a.entries = file.Repositories
	a.netrc, a.err = httpget.Netrc(a.getenv)
}

// helmFile returns the path of helm's repositories.yaml, "" if it is nowhere.
func (a *accounts) helmFile() string {
	if name := a.getenv("HELM_REPOSITORY_CONFIG"); name != "" {
		return name
	}
	return helmHome(a.getenv, "repositories.yaml")
}
