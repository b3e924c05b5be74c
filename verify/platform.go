package verify

import (
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
)

// platform finds images that some node cannot run.
func platform(c *checker, r *judged) {
	if c.lockable(r) && r.locked && r.entry.Digest == r.Digest {
		c.missingPlatforms(r)
	}
}

func (c *checker) missingPlatforms(r *judged) {
	for _, want := range Lacks(r.entry, c.Platforms) {
		c.at(r, Platform, r.noun()+" "+LacksMessage(want), LacksFix)
	}
}

// Lacks returns those of the platforms for which an image has no manifest;
// none for what is no image.
func Lacks(e lockfile.Entry, platforms []string) []string {
	if e.Kind != lockfile.Image {
		return nil
	}
	var out []string
	for _, want := range platforms {
		if !slices.ContainsFunc(e.Platforms,
			func(p lockfile.Platform) bool { return lockfile.SamePlatform(p.Platform, want) }) {
			out = append(out, want)
		}
	}
	return out
}

// LacksMessage is what is said, behind its name, of an image that lacks a
// platform; LacksFix says how to fix it.
func LacksMessage(platform string) string { return "has no manifest for " + platform }

// LacksFix says how to fix an image that lacks a platform.
const LacksFix = "use an image that has one, or take the platform out of platforms in plumb.yaml"
