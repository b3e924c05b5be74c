package chart

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// account is the credentials for an HTTP repository, and the files for TLS.
type account struct {
	username, password string
	everywhere         bool // also for archives on other hosts (pass_credentials_all)
	files              tlsFiles
	from               string // the file that has it, "" where there is none
}

// tlsFiles are paths of PEM files, each "" if there is none.
type tlsFiles struct{ ca, cert, key string }

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
	netrc   map[string]account // by host name
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
		found := account{
			files: tlsFiles{e.CAFile, e.CertFile, e.KeyFile}, everywhere: e.PassCredentialsAll,
			from: a.helmFile(),
		}
		if e.Username != "" && e.Password != "" {
			found.username, found.password = e.Username, e.Password
			return found, nil
		}
		login := a.netrc[u.Hostname()]
		found.username, found.password = login.username, login.password
		found.from = login.from
		return found, nil
	}
	return a.netrc[u.Hostname()], nil
}

func (a *accounts) load() {
	name := a.helmFile()
	data, err := readBounded(name)
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
	name = a.netrcFile()
	if data, err = readBounded(name); err != nil {
		a.err = err
		return
	}
	a.netrc = parseNetrc(data, name)
}

// helmFile returns the path of helm's repositories.yaml, "" if it is nowhere.
func (a *accounts) helmFile() string {
	if name := a.getenv("HELM_REPOSITORY_CONFIG"); name != "" {
		return name
	}
	dir := a.getenv("HELM_CONFIG_HOME")
	if base := a.getenv("XDG_CONFIG_HOME"); dir == "" && base != "" {
		dir = filepath.Join(base, "helm")
	}
	if dir == "" {
		base := a.home(".config")
		switch runtime.GOOS {
		case "darwin":
			base = a.home("Library", "Preferences")
		case "windows":
			base = a.getenv("APPDATA")
		}
		if base == "" {
			return ""
		}
		dir = filepath.Join(base, "helm")
	}
	return filepath.Join(dir, "repositories.yaml")
}

func (a *accounts) netrcFile() string { return cmp.Or(a.getenv("NETRC"), a.home(".netrc")) }

// home returns a path in the user's home, "" if that is unknown.
func (a *accounts) home(below ...string) string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	dir := a.getenv(variable)
	if dir == "" {
		return ""
	}
	return filepath.Join(append([]string{dir}, below...)...)
}

// maxAccounts bounds a file with credentials, in bytes.
const maxAccounts = 4 << 20

// readBounded reads a file. One that is missing is empty.
func readBounded(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err // which names the file
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAccounts+1))
	if err == nil && len(data) > maxAccounts {
		err = fmt.Errorf("%s: longer than %d MiB", name, maxAccounts>>20)
	}
	return data, err
}

// parseNetrc reads a netrc file: words, of which "machine" and "default" begin an entry.
// Macros are left out: they end at an empty line.
func parseNetrc(data []byte, from string) map[string]account {
	found := make(map[string]account)
	host, macro := "", false
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxAccounts)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if macro = macro && len(words) > 0; macro {
			continue
		}
		for i := 0; i < len(words) && !strings.HasPrefix(words[i], "#"); i++ {
			next := ""
			if i+1 < len(words) {
				next = words[i+1]
			}
			entry := found[host]
			switch words[i] {
			case "machine":
				host = strings.ToLower(next)
				entry = account{from: from}
			case "default": // for every host: it would be sent to those of a stranger's tree
				host = ""
				continue
			case "login":
				entry.username = next
			case "password":
				entry.password = next
			case "macdef":
				macro = true
			}
			if host != "" {
				found[host] = entry
			}
			i++
		}
	}
	delete(found, "")
	return found
}
