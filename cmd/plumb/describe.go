package main

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	ucli "github.com/urfave/cli/v2"
)

// option is a flag as the man page and completion tell of it.
type option struct {
	names    []string // as typed, "--output" and "-o"
	value    string   // what stands for its value, "FORMAT"; "" if it takes none
	says     string
	initial  string // its value where it is not given
	repeated bool   // may be given more than once
}

// optionsOf describes the flags that are not hidden.
func optionsOf(flags []ucli.Flag) []option {
	var out []option
	for _, f := range flags {
		d, ok := f.(ucli.DocGenerationFlag)
		if v, can := f.(ucli.VisibleFlag); !ok || can && !v.IsVisible() {
			continue
		}
		var o option
		for _, name := range f.Names() {
			if len(name) == 1 {
				o.names = append(o.names, "-"+name)
			} else {
				o.names = append(o.names, "--"+name)
			}
		}
		if before, rest, quoted := strings.Cut(d.GetUsage(), "`"); quoted {
			value, after, _ := strings.Cut(rest, "`")
			o.value, o.says = value, before+value+after
		} else {
			o.says = d.GetUsage()
		}
		if d.TakesValue() {
			o.initial = d.GetValue()
			if o.value == "" {
				o.value = "VALUE"
			}
		}
		if s, ok := f.(ucli.DocGenerationSliceFlag); ok {
			o.repeated = s.IsSliceFlag()
		}
		out = append(out, o)
	}
	return out
}

var choiceWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
})

// choices are the values that an option takes, where its usage lists them:
// "print as FORMAT: text, json or sarif". None otherwise.
func (o option) choices() []string {
	_, list, ok := strings.Cut(o.says, o.value+": ")
	if !ok || o.value == "" {
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
