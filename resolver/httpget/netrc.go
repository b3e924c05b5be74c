package httpget

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Login is a name and a password. The zero value is none.
type Login struct {
	Username, Password string
	From               string // the file that has it
	Everywhere         bool   // also for requests to other hosts than Request.Home
}

// Netrc returns the logins by host name, without ports, in the file that the variable NETRC
// names, else ~/.netrc; none if the file is missing. Entries named "default" are left out: they
// would be sent to every host that a stranger's manifest names. The error names the file and
// repeats nothing of its content.
func Netrc(getenv func(string) string) (map[string]Login, error) {
	name := cmp.Or(getenv("NETRC"), HomePath(getenv, ".netrc"))
	data, err := ReadCredentials(name)
	if err != nil {
		return nil, err
	}
	return parseNetrc(data, name), nil
}

// HomePath returns a path in the user's home, "" if that is unknown.
func HomePath(getenv func(string) string, below ...string) string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	dir := getenv(variable)
	if dir == "" {
		return ""
	}
	return filepath.Join(append([]string{dir}, below...)...)
}

// maxCredentials bounds a file with credentials, in bytes.
const maxCredentials = 4 << 20

// ReadCredentials reads a file with credentials, of at most 4 MiB. One that is missing is
// empty.
func ReadCredentials(name string) ([]byte, error) {
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
	data, err := io.ReadAll(io.LimitReader(f, maxCredentials+1))
	if err == nil && len(data) > maxCredentials {
		err = fmt.Errorf("%s: longer than %d MiB", name, maxCredentials>>20)
	}
	return data, err
}

// parseNetrc reads a netrc file: words, of which "machine" and "default" begin an entry.
// Macros are left out: they end at an empty line.
func parseNetrc(data []byte, from string) map[string]Login {
	found := make(map[string]Login)
	host, macro := "", false
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxCredentials)
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
				entry = Login{From: from}
			case "default": // for every host: it would be sent to those of a stranger's tree
				host = ""
				continue
			case "login":
				entry.Username = next
			case "password":
				entry.Password = next
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
