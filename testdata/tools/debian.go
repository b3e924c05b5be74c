package main

import (
	"fmt"
	"strings"
)

// program is one that tests run. Where debian is empty, no package of Debian has it, or
// only one that is too old.
type program struct{ name, debian, from string }

var programs = []program{
	{name: "docker-registry", debian: "docker-registry"},
	{name: "pre-commit", debian: "pre-commit"},
	{name: "zsh", debian: "zsh"},
	{name: "fish", debian: "fish"},
	{name: "mandoc", debian: "mandoc"},
	{name: "gpg", debian: "gpg"},
	{name: "gpg-agent", debian: "gpg-agent"},
	{name: "ssh-keygen", debian: "openssh-client"},
	{name: "kubectl", from: "https://kubernetes.io/docs/tasks/tools/"},
	{name: "npm", from: "https://nodejs.org, for SARIF's schema"},
}

// missing returns the packages that have the programs that are not installed, and the
// programs that no package has.
func missing(installed func(program string) bool) (packages []string, others []program) {
	for _, p := range programs {
		switch {
		case installed(p.name):
		case p.debian != "":
			packages = append(packages, p.debian)
		default:
			others = append(others, p)
		}
	}
	return packages, others
}

// advice says what to install, "" for nothing.
func advice(packages []string, others []program) string {
	var out strings.Builder
	if len(packages) > 0 {
		fmt.Fprintf(&out, "!!!! not installed; THEIR TESTS ARE SKIPPED. On Debian: apt-get install %s\n",
			strings.Join(packages, " "))
	}
	for _, p := range others {
		fmt.Fprintf(&out, "!!!! not installed; ITS TESTS ARE SKIPPED: %s (%s)\n", p.name, p.from)
	}
	return out.String()
}
