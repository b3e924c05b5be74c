package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// WrongError says that content is not what a lock has it for.
type WrongError struct{ What string }

// Error says what differs.
func (e *WrongError) Error() string { return e.What }

// RunsOn checks that the configs of an image's platforms name these platforms: a node
// would pull the image and could not run it. Platforms without a config are not checked,
// and configs that name no platform say nothing. The error is a *WrongError where one
// names another, else as for Resolve.
func (c *Client) RunsOn(ctx context.Context, name oci.Name, platforms []lockfile.Platform) error {
	s, err := c.source(name)
	if err != nil {
		return err
	}
	return runChecks(len(platforms), func(i int) error {
		if platforms[i].Config == "" {
			return nil
		}
		return s.runsOn(ctx, platforms[i])
	})
}

func (s *source) runsOn(ctx context.Context, on lockfile.Platform) error {
	config, err := s.blob(ctx, on.Config)
	if err != nil {
		return fmt.Errorf("config of %s: %w", on.Platform, err)
	}
	var p platform
	if err := json.Unmarshal(config.body, &p); err != nil {
		return config.invalid(fmt.Errorf("not an image config: %w", err))
	}
	if !p.runnable() {
		return nil
	}
	os, arch, _ := strings.Cut(on.Platform, "/")
	arch, _, _ = strings.Cut(arch, "/")
	if p.OS != os || plainArchitecture(p.Architecture) != plainArchitecture(arch) {
		return &WrongError{fmt.Sprintf("its manifest for %s has a config for %s", on.Platform,
			sanitize.Line(p.OS+"/"+p.Architecture))}
	}
	return nil
}

// plainArchitecture is an architecture as Go calls it: runtimes know other names as well.
func plainArchitecture(name string) string {
	switch name {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "armhf", "armel":
		return "arm"
	case "i386":
		return "386"
	}
	return name
}
