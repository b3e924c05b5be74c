package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// goreleaser is what .goreleaser.yaml has to say.
type goreleaser struct {
	Builds []struct {
		GOOS   []string `yaml:"goos"`
		GOARCH []string `yaml:"goarch"`
		Flags  []string
		Time   string `yaml:"mod_timestamp"`
	}
	Archives []struct {
		Info  goreleaserInfo `yaml:"builds_info"`
		Files []struct {
			Src  string
			Info goreleaserInfo
		}
	}
	Krews   []goreleaserManifest
	Brews   []goreleaserManifest
	Release struct{ Disable bool }
}

type goreleaserInfo struct{ Owner, Group, Mtime string }

type goreleaserManifest struct {
	URL        string `yaml:"url_template"`
	SkipUpload bool   `yaml:"skip_upload"`
}

func readGoreleaser(t *testing.T) goreleaser {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var g goreleaser
	if err := yaml.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Builds) != 1 || len(g.Archives) != 1 || len(g.Krews) != 1 || len(g.Brews) != 1 {
		t.Fatal(".goreleaser.yaml has not one build, archive, krew manifest and formula")
	}
	return g
}

// make release publishes nothing, and its manifests name the Makefile's REPOSITORY.
func TestReleasePublishesNothing(t *testing.T) {
	g := readGoreleaser(t)
	if !g.Release.Disable {
		t.Error("release is not disabled")
	}
	for _, m := range slices.Concat(g.Krews, g.Brews) {
		if !m.SkipUpload {
			t.Error("a manifest is uploaded")
		}
		if !strings.HasPrefix(m.URL, "{{ .Env.REPOSITORY }}/") {
			t.Errorf("a manifest has addresses %s", m.URL)
		}
	}
}

// Nothing in an archive depends on the machine or the time. make reproduce builds it twice.
func TestReleaseIsReproducible(t *testing.T) {
	g := readGoreleaser(t)
	build, archive := g.Builds[0], g.Archives[0]
	if !slices.Equal(build.GOOS, []string{"linux", "darwin", "windows"}) ||
		!slices.Equal(build.GOARCH, []string{"amd64", "arm64"}) {
		t.Errorf("built for %v on %v", build.GOOS, build.GOARCH)
	}
	if !slices.Contains(build.Flags, "-trimpath") || build.Time == "" {
		t.Errorf("built with %v, at the time %q", build.Flags, build.Time)
	}
	want := goreleaserInfo{Owner: "root", Group: "root", Mtime: "{{ .CommitDate }}"}
	if archive.Info != want {
		t.Errorf("the program in an archive has %+v", archive.Info)
	}
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Info != want {
			t.Errorf("%s in an archive has %+v", f.Src, f.Info)
		}
		if _, err := os.Stat(filepath.Join("..", "..", f.Src)); err != nil &&
			!strings.Contains(string(makefile), f.Src+"\n") {
			t.Errorf("%s is neither in the checkout nor written by the Makefile", f.Src)
		}
	}
	if len(archive.Files) < 8 {
		t.Errorf("an archive has only %d files", len(archive.Files))
	}
}
