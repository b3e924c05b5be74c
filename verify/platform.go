package verify

import (
	"fmt"
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
	if r.entry.Kind != lockfile.Image {
		return
	}
	for _, want := range c.Platforms {
		if !slices.ContainsFunc(r.entry.Platforms, func(p lockfile.Platform) bool { return lockfile.SamePlatform(p.Platform, want) }) {
			c.at(r, Platform, fmt.Sprintf("image %q has no manifest for %s", r.Reference, want),
				"use an image that has one, or take the platform out of platforms in plumb.yaml")
		}
	}
}
