// Image builds plumb's container image from scratch, without Docker: an OCI image layout
// (image-spec v1.1) with an index of one image per platform. The same checkout, built by
// the same Go, gives the same bytes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// run builds plumb and its image for each platform.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	out := flags.String("o", "", "write the layout to `DIR`, replacing its content")
	platforms := flags.String("platforms", "linux/amd64,linux/arm64", "build for `PLATFORMS`")
	ldflags := flags.String("ldflags", "-s -w", "link with `FLAGS`")
	created := flags.String("created", "",
		"the commit's `TIME` (RFC 3339), given to all files; 1970 if empty")
	version := flags.String("version", "", "label the image with `VERSION`")
	revision := flags.String("revision", "", "label the image with `COMMIT`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() > 0 {
		return errors.New("usage: image -o DIR [-platforms PLATFORMS] [-ldflags FLAGS] " +
			"[-created TIME] [-version VERSION] [-revision COMMIT]")
	}
	labels := metadata{Created: time.Unix(0, 0).UTC(), Version: *version, Revision: *revision}
	if *created != "" {
		if labels.Created, err = time.Parse(time.RFC3339, *created); err != nil {
			return fmt.Errorf("-created: %w", err)
		}
	}
	dir, err := os.MkdirTemp("", "plumb-image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var binaries []binary
	for platform := range strings.SplitSeq(*platforms, ",") {
		b := binary{
			Platform: platform,
			Path:     filepath.Join(dir, strings.ReplaceAll(platform, "/", "-")),
		}
		if err := build(ctx, b, *ldflags); err != nil {
			return err
		}
		binaries = append(binaries, b)
	}
	digest, err := write(*out, binaries, labels)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s %s\n", *out, digest)
	return err
}

// build builds plumb as a static binary.
func build(ctx context.Context, b binary, ldflags string) error {
	system, architecture, ok := strings.Cut(b.Platform, "/")
	if !ok {
		return fmt.Errorf("-platforms: invalid platform %q: write it as SYSTEM/ARCHITECTURE",
			b.Platform)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags",
		ldflags, "-o", b.Path, "github.com/plumb-dev/plumb/cmd/plumb")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture,
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building for %s: %w", b.Platform, err)
	}
	return nil
}
