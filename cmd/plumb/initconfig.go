package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"text/template"
)

// configHead is what every plumb.yaml has.
const configHead = "apiVersion: plumb.dev/v1\nkind: Config\n"

// configTemplate is a plumb.yaml in which every field that is optional is
// commented out: "#" and a space begin an explanation, "#" alone a line of YAML.
var configTemplate = template.Must(template.New("").Funcs(template.FuncMap{"quote": yamlQuote}).Parse(
	`# plumb.yaml makes its directory a lock root: the plumb.lock beside it covers the
# tree below, less the lock roots inside. All that is commented out is optional.
# Paths and globs are relative to this file; * is any part of a name, ** any
# number of directories.
` + configHead + `
# The environment. Default: the name of the directory.
#name: {{quote .Name}}

# The files to read; a directory means all in it. Default: *.yaml, *.yml and
# *.json. What is named here is searched whether it looks like a manifest or not.
#include: [clusters, apps]

# The files to leave out.{{if .Exclude}} These hold images, and may be meant for no cluster.{{end}}
#exclude:
{{range .Exclude}}#  - {{quote .}}
{{else}}#  - "**/testdata/**"
{{end}}
# How a pin is written: tag+digest (the default) makes nginx:1.27@sha256:… of
# nginx:1.27, and digest nginx@sha256:….
#pin: tag+digest

# The platforms that the nodes run: each image must have all of them. By default
# none is required.{{if .Platforms}} Manifests select nodes by these.{{end}}
#platforms:
{{range .Platforms}}#  - {{.}}
{{else}}#  - linux/amd64
#  - linux/arm64
{{end}}
# Who must have signed what: files of ClusterImagePolicy and TrustRoot documents.
# Default: those below policies.
#policies: ["policies/*.yaml"]

# What becomes of an image that no policy matches: reject, the default once there
# is a policy, or allow.
#unsigned: reject

# What is special about registries, by host: mirrors (host[:port][/path], asked
# first), plainHTTP: true, caFile (the authorities to trust), concurrency and
# timeout (of requests).{{if .Hosts}} These look like the house's own.{{end}}
#registries:
{{range .Hosts}}#  {{quote .}}:
#    caFile: certs/registry-ca.pem
#    timeout: 20s
{{else}}#  docker.io:
#    mirrors: [mirror.internal.example/hub]
{{end}}
# Further places that hold images; [] stands behind a key that holds a list, * for
# any key. Where an image stands in parts, registry, repository, tag and digest
# name their keys.{{if .Fields}} What is there looks like images.{{end}}
#fields:
{{range .Fields}}{{.Comment}}{{else}}#  - kind: Database
#    path: spec.nodes[].image
{{end}}
# Names to lock although no file holds them, since an operator starts them. With
# track, the tags of a name move in a range of versions.
#images:
#  - ghcr.io/acme/agent:1.8
#  - name: nginx
#    track: "~1.27"

# What need not be as it should, until the end of a day (UTC). reference and path
# are globs, one of which must be there.
#exceptions:
#  - reference: docker.io/library/busybox:*
#    path: charts
#    reason: pinned where the charts are released
#    owner: platform-team
#    expires: 2027-03-31
`))

// configText is a plumb.yaml for what was found in the directory called name.
func configText(name string, f found) (string, error) {
	var hosts []string
	for _, r := range f.Registries {
		if inHouse(r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	var b bytes.Buffer
	err := configTemplate.Execute(&b, struct {
		Name                      string
		Hosts, Exclude, Platforms []string
		Fields                    []unknown
	}{name, hosts, f.Exclude, f.Platforms, f.Fields})
	return b.String(), err
}

// item is u as an item of fields.
func (u unknown) item() string {
	return "  - kind: " + yamlQuote(u.Kind) + "\n    path: " + yamlQuote(u.Path) + "\n"
}

// Comment is u as an item of fields that is commented out.
func (u unknown) Comment() string {
	var b strings.Builder
	for line := range strings.Lines(u.item()) {
		b.WriteString("#" + line)
	}
	return b.String()
}

// yamlQuote is any text as a YAML scalar on one line: JSON's strings are YAML's.
func yamlQuote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // no string fails
	return strings.TrimSuffix(b.String(), "\n")
}
