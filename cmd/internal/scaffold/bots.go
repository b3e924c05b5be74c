package scaffold

import (
	"path/filepath"
	"slices"
)

// lockEmail is the author of commits by plumb lock in CI, as in the files in ci.
const lockEmail = "plumb-lock@plumb.invalid"

// bot is a program that changes the names in manifests, and does not lock them.
type bot struct {
	name, title string
	files       []string // of its configuration, from the top of the repository
}

const (
	renovate     = "renovate"
	fluxImages   = "flux"
	imageUpdater = "argocd-image-updater"
)

// bots are all that plumb has CI files for.
func bots() []bot {
	return []bot{
		{imageUpdater, "Argo CD Image Updater", nil},
		{"dependabot", "Dependabot", []string{".github/dependabot.yml", ".github/dependabot.yaml"}},
		{fluxImages, "Flux image automation", nil},
		{renovate, "Renovate", []string{
			"renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5",
			".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json",
			".gitlab/renovate.json5",
		}},
	}
}

// findBots adds the bots whose configuration is in the repository at top.
func (f *Found) findBots(top string) error {
	for _, b := range bots() {
		for _, file := range b.files {
			there, err := exists(filepath.Join(top, filepath.FromSlash(file)))
			if err != nil {
				return err
			}
			if there && !slices.Contains(f.Bots, b.name) {
				f.Bots = append(f.Bots, b.name)
			}
		}
	}
	slices.Sort(f.Bots)
	return nil
}

// botTitles are the names of the bots for people.
func (f *Found) botTitles() []string {
	var titles []string
	for _, b := range bots() {
		if slices.Contains(f.Bots, b.name) {
			titles = append(titles, b.title)
		}
	}
	return titles
}

// BotSystem is the file that locks what bots have changed in CI system s, or nil where
// there is no bot, or no such file.
func (f *Found) BotSystem(s *System) *System {
	if s == nil || len(f.Bots) == 0 {
		return nil
	}
	if b, ok := SystemNamed(s.Name + botSuffix); ok {
		return &b
	}
	return nil
}

// botHints say what a file that locks what bots have changed needs.
func (f *Found) botHints(w Writes) []string {
	s := w.Bots
	if s == nil && w.System != nil && w.System.extra {
		s = w.System
	}
	if s == nil || s.Name == preCommit {
		return nil
	}
	out := []string{"    " + s.File + " needs the secret PLUMB_TOKEN: see its first lines"}
	if slices.Contains(f.Bots, renovate) {
		out = append(out, "    to let Renovate update what plumb has locked: add "+lockEmail+
			" to gitIgnoredAuthors in its configuration")
	}
	return out
}
