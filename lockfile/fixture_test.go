package lockfile

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

func hexDigest(c string) string { return digestPrefix + strings.Repeat(c, 64) }

const (
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
)

// hash1 is a hash of files, as a chart's entry has it.
const hash1 = "h1:ZmFrZSBoYXNoIG9mIHRoaXJ0eS10d28gYnl0ZXMhISE="

var commit5 = strings.Repeat("5a", 20)

// sample is a lock with everything that a lock can hold.
func sample() *Lock {
	return &Lock{Entries: []Entry{
		{Kind: Artifact, Name: "ghcr.io/acme/bundle:1.0.0", Digest: hexDigest("1"), MediaType: ociManifest},
		{Kind: Chart, Name: "https://charts.example.com#podinfo", Range: ">=6.0 <7", Version: "6.5.0",
			Digest: hexDigest("2"), Content: hash1},
		{Kind: Git, Name: "https://github.com/acme/bases.git", Ref: "refs/heads/main", Commit: commit5},
		{Kind: Git, Name: "https://github.com/acme/bases.git", Ref: "refs/tags/v2.3.0", Commit: strings.Repeat("6", 40)},
		{Kind: Image, Name: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1", Digest: hexDigest("3")},
		{Kind: Image, Name: "[::1]:5000/app:v1", Digest: hexDigest("4")},
		{Kind: Image, Name: "docker.io/library/nginx:1.27.0", Digest: hexDigest("a"), MediaType: ociIndex,
			Platforms: []Platform{
				{"linux/amd64", hexDigest("b"), hexDigest("c")},
				{"linux/arm/v7", hexDigest("d"), ""},
				{"windows/amd64", hexDigest("7"), ""},
				{"windows/amd64", hexDigest("8"), ""},
			},
			Verified: []Verified{
				{"name: with # marks", "\u00e9\"\\\U0001f600", "null", hexDigest("f")},
				{"upstream", "yes", "https://github.com/acme (issuer https://token.example.com)", hexDigest("e")},
			},
		},
		{Kind: Image, Name: "docker.io/library/redis@" + hexDigest("a"), Digest: hexDigest("a")},
		{Kind: URL, Name: "https://example.com/install.yaml", Digest: hexDigest("9")},
	}}
}

// sampleText is what Format writes for sample, letter by letter.
var sampleText = `# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.
version: 1
entries:
  - artifact: ghcr.io/acme/bundle:1.0.0
    digest: ` + hexDigest("1") + `
    mediaType: application/vnd.oci.image.manifest.v1+json
  - chart: https://charts.example.com#podinfo
    range: ">=6.0 <7"
    version: "6.5.0"
    digest: ` + hexDigest("2") + `
    content: ` + hash1 + `
  - git: https://github.com/acme/bases.git
    ref: refs/heads/main
    commit: 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
  - git: https://github.com/acme/bases.git
    ref: refs/tags/v2.3.0
    commit: "6666666666666666666666666666666666666666"
  - image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1
    digest: ` + hexDigest("3") + `
  - image: "[::1]:5000/app:v1"
    digest: ` + hexDigest("4") + `
  - image: docker.io/library/nginx:1.27.0
    digest: ` + hexDigest("a") + `
    mediaType: application/vnd.oci.image.index.v1+json
    platforms:
      - linux/amd64 manifest ` + hexDigest("b") + ` config ` + hexDigest("c") + `
      - linux/arm/v7 manifest ` + hexDigest("d") + `
      - windows/amd64 manifest ` + hexDigest("7") + `
      - windows/amd64 manifest ` + hexDigest("8") + `
    verified:
      - policy: "name: with # marks"
        authority: "\u00e9\"\\\U0001f600"
        signer: "null"
        evidence: ` + hexDigest("f") + `
      - policy: upstream
        authority: "yes"
        signer: https://github.com/acme (issuer https://token.example.com)
        evidence: ` + hexDigest("e") + `
  - image: docker.io/library/redis@` + hexDigest("a") + `
    digest: ` + hexDigest("a") + `
  - url: https://example.com/install.yaml
    digest: ` + hexDigest("9") + `
`

// pins makes a lock of "name=digit" pairs.
func pins(pairs ...string) *Lock {
	l := &Lock{}
	for _, p := range pairs {
		name, digit, _ := strings.Cut(p, "=")
		l.Entries = append(l.Entries, Entry{Kind: Image, Name: "ghcr.io/a/" + name + ":1", Digest: hexDigest(digit)})
	}
	return l
}

// randomDigest draws a digest.
func randomDigest(r *rand.Rand) string {
	return fmt.Sprintf("sha256:%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
}

// randomImage is an image entry with a pin of two platforms drawn from r.
func randomImage(r *rand.Rand, name string) Entry {
	return Entry{Kind: Image, Name: name, Digest: randomDigest(r), MediaType: ociIndex, Platforms: []Platform{
		{"linux/amd64", randomDigest(r), randomDigest(r)}, {"linux/arm64", randomDigest(r), randomDigest(r)}}}
}

// large makes a lock of n images, the same each time.
func large(n int) *Lock {
	r := rand.New(rand.NewPCG(1, 2))
	l := &Lock{}
	for i := range n {
		l.Entries = append(l.Entries, randomImage(r, fmt.Sprintf("registry.example.com/team-%02d/app-%05d:v1.%d.0", i%50, i, i%7)))
	}
	l.Sort()
	return l
}
