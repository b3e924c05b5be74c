package complete

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

var choiceWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
})

// choices are the values that an option takes, where its usage lists them:
// "print as FORMAT: text, json or sarif". None otherwise.
func choices(o cli.Option) []string {
	_, list, ok := strings.Cut(o.Says, o.Value+": ")
	if !ok || o.Value == "" {
		return nil
	}
	list, _, _ = strings.Cut(list, " (")
	words := strings.Split(strings.ReplaceAll(list, " or ", ", "), ", ")
	if slices.ContainsFunc(words, func(w string) bool { return !choiceWord().MatchString(w) }) {
		return nil
	}
	return words
}

// operand is what one argument of a command may be.
type operand struct {
	kinds    []string // "PATH", or the very words: "bash", "zsh"
	repeated bool     // it is the last one, and may be given again and again
}

// operandsOf reads a command's ArgsUsage: "[PATH…|-]", "bash|zsh|fish", "A [B]".
func operandsOf(usage string) []operand {
	var out []operand
	for field := range strings.FieldsSeq(usage) {
		o := operand{repeated: strings.Contains(field, "…")}
		field = strings.NewReplacer("[", "", "]", "", "…", "").Replace(field)
		for kind := range strings.SplitSeq(field, "|") {
			if kind != "-" {
				o.kinds = append(o.kinds, kind)
			}
		}
		out = append(out, o)
	}
	return out
}
