package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// seed makes every run measure the same files.
const seed = 20261121

// generator writes manifests and remembers what they refer to.
type generator struct {
	r       *rand.Rand
	entries []lockfile.Entry
	used    map[string]bool
}

func newGenerator() *generator {
	return &generator{r: rand.New(rand.NewPCG(seed, seed)), used: map[string]bool{}}
}

// digest returns a digest of nothing that exists.
func (g *generator) digest() string {
	return fmt.Sprintf("sha256:%016x%016x%016x%016x",
		g.r.Uint64(), g.r.Uint64(), g.r.Uint64(), g.r.Uint64())
}

// indexType is the media type of all images.
const indexType = "application/vnd.oci.image.index.v1+json"

var registryHosts = []string{
	"ghcr.io", "quay.io", "docker.io", "registry.k8s.io", "public.ecr.aws"}

// newEntry returns an image that no other entry has.
func (g *generator) newEntry() lockfile.Entry {
	host := registryHosts[g.r.IntN(len(registryHosts))]
	for {
		name := fmt.Sprintf("%s/%s-%d/%s:v%d.%d.%d", host, g.word(), g.r.IntN(40), g.word(),
			g.r.IntN(4), g.r.IntN(30), g.r.IntN(20))
		if g.used[name] {
			continue
		}
		g.used[name] = true
		return lockfile.Entry{
			Kind: lockfile.Image, Name: name, Digest: g.digest(), MediaType: indexType,
			Platforms: []lockfile.Platform{
				{Platform: "linux/amd64", Manifest: g.digest(), Config: g.digest()},
				{Platform: "linux/arm64", Manifest: g.digest(), Config: g.digest()},
			},
		}
	}
}

// distinct is how many images the repository refers to.
const distinct = 900

// image returns one of a number of images.
func (g *generator) image() lockfile.Entry {
	if len(g.entries) < distinct {
		g.entries = append(g.entries, g.newEntry())
		return g.entries[len(g.entries)-1]
	}
	return g.entries[g.r.IntN(len(g.entries))]
}

// reference returns an image as a manifest names it when it is pinned.
func (g *generator) reference() string {
	e := g.image()
	return e.Name + "@" + e.Digest
}

// parts returns an image as values have it when it is pinned.
func (g *generator) parts() (repository, tag, digest string) {
	e := g.image()
	colon := strings.LastIndexByte(e.Name, ':')
	return e.Name[:colon], e.Name[colon+1:], e.Digest
}

var words = strings.Fields(`
	access agent alert api audit backend batch billing broker bucket cache catalog certificate
	checkout claim client cluster config connect consumer controller cron dashboard database
	default deploy device document domain edge email endpoint engine event export field filter
	frontend gateway graph group handler health host identity import index ingest instance
	invoice job key label ledger limit link listener log mail manager map media message metric
	migration mirror monitor mount name network node notification object operator order page
	payment permission pipeline policy pool port profile proxy query queue rate record region
	relay release replica report request resource response role route rule schedule schema search
	secret selector server service session shard sidecar signal site snapshot source status
	storage stream subject sync table target task template tenant timeout token trace traffic
	transfer trigger update upload user value vault version volume webhook worker zone`)

func (g *generator) word() string { return words[g.r.IntN(len(words))] }

// sentence returns so many words with a full stop.
func (g *generator) sentence(n int) string {
	var s strings.Builder
	for i := range n {
		if i > 0 {
			s.WriteByte(' ')
		}
		s.WriteString(g.word())
	}
	s.WriteByte('.')
	return s.String()
}

// between returns a number from low to high.
func (g *generator) between(low, high int) int { return low + g.r.IntN(high-low+1) }
