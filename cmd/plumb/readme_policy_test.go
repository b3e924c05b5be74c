package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestReadmePolicies plays what README.md says of policies: its policies accept images that
// are signed as it says, and none that nearly are, and its commands work.
func TestReadmePolicies(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\n## Who signed it\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	var files strings.Builder
	for _, m := range regexp.MustCompile("(?s)```yaml\n# ([a-z/.]+)\n(.*?)```").FindAllStringSubmatch(section, -1) {
		fmt.Fprintf(&files, "-- repo/%s --\n%s", m[1], m[2])
	}
	if n := strings.Count(files.String(), "\n-- repo/policies/") + 1; n != 3 {
		t.Fatalf("README.md has %d policies", n)
	}
	var commands []string
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1) {
		commands = append(commands, strings.Split(strings.TrimSpace(m[1]), "\n")...)
	}
	script := strings.ReplaceAll(readmeScript, "COMMANDS\n", readmeCommands(commands)) + files.String()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	p := scriptParams()
	p.Dir = dir
	testscript.Run(t, p)
}

// readmeCommands are the commands as a script has them. What they print is what the
// prose around them says.
func readmeCommands(commands []string) string {
	says := map[string]string{
		"plumb evidence show ghcr.io/acme/web:1.4":         "workflows/release.yml@refs/tags/v1.4 .* signed it",
		"plumb policy check --online ghcr.io/acme/web:1.5": "ghcr.io/acme/web:1.5@sha256:[0-9a-f]+: allowed",
	}
	var b strings.Builder
	for _, c := range commands {
		words := strings.ReplaceAll(c, `"`, "'")
		if !strings.HasPrefix(c, "plumb ") {
			fmt.Fprintf(&b, "exec %s\n", words)
			continue
		}
		fmt.Fprintf(&b, "exits 0 %s\n", words)
		if want := says[c]; want != "" {
			fmt.Fprintf(&b, "stdout '%s'\n", want)
		}
	}
	return b.String()
}

// readmeScript is what the prose is about. The signatures are of an instance of the test's own.
const readmeScript = `
registry index WEB acme/web 1.4 1
registry index NEXT acme/web 1.5 2
registry index TOOL acme/tool 2.0 3
registry index DB vendor/db 9 4
registry index EVIL acme/evil 1 5
sign files $WORK/keys
exec mv ../keys/key.pub policies/vendor.pub
exec cp ../keys/trusted_root.json policies/trusted_root.json
env GITHUB=https://token.actions.githubusercontent.com
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.4 $GITHUB acme/web $WEB reference=ghcr.io/acme/web
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.5 $GITHUB acme/web $NEXT reference=ghcr.io/acme/web
sign keyless https://gitlab.com/acme/tool//.gitlab-ci.yml@refs/tags/v2.0 https://gitlab.com acme/tool $TOOL reference=registry.gitlab.com/acme/tool
sign key vendor/db $DB reference=registry.example/vendor/db
mkdir ../trusted
exec cp -r policies ../trusted/policies
exec mv ../trusted/policies/trusted_root.json ../trusted/trusted_root.json
COMMANDS

# Those who are nearly the signers are not.
cp $WORK/evil.yaml evil.yaml
exits 1 plumb lock
stderr 'evil:1" is not accepted: .*there is no signature'
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
sign keyless https://github.com/acme/web/.github/workflows/test.yml@refs/tags/v1.4 $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
sign keyless https://github.com/acmf/web/.github/workflows/release.yml@refs/tags/v1.4 $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.4/x $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
sign keyless https://evil.example/https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.4 $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.4 https://evil.example acme/evil $EVIL reference=ghcr.io/acme/evil
sign key acme/evil $EVIL reference=ghcr.io/acme/evil
exits 1 plumb lock
stderr 'evil:1" is not accepted'
sign keyless https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1.4 $GITHUB acme/evil $EVIL reference=ghcr.io/acme/evil
exits 0 plumb lock

# What no policy matches is rejected, unless plumb.yaml allows it.
exec sed -i s,ghcr.io/acme/evil:1,registry.example/other:1,g;s/@sha256.*\"/\"/ evil.yaml
registry index OTHER other 1 6
exits 1 plumb lock
stderr 'no policy matches it'
exec sh -c 'echo unsigned: allow >> plumb.yaml'
exits 0 plumb lock
exits 0 plumb verify

-- evil.yaml --
apiVersion: v1
kind: Pod
metadata: {name: evil}
spec:
  containers:
    - {name: c, image: "ghcr.io/acme/evil:1"}
-- repo/plumb.yaml --
apiVersion: plumb.dev/v1
kind: Config
registries:
  ghcr.io: {plainHTTP: true}
  registry.gitlab.com: {plainHTTP: true}
  registry.example: {plainHTTP: true}
-- repo/pods.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: "ghcr.io/acme/web:1.4"}
    - {name: tool, image: "registry.gitlab.com/acme/tool:2.0"}
    - {name: db, image: "registry.example/vendor/db:9"}
`
