package complete

import (
	"embed"
	"slices"
)

//go:embed scripts
var scripts embed.FS

// Shells are what Script has a script for.
func Shells() []string { return []string{"bash", "zsh", "fish", "kubectl"} }

// Script is the script that completes in a shell; false if there is none.
func Script(shell string) ([]byte, bool) {
	if !slices.Contains(Shells(), shell) {
		return nil, false
	}
	text, err := scripts.ReadFile("scripts/plumb." + shell)
	return text, err == nil
}
