package githook

import (
	"os/exec"
	"strings"
	"testing"
)

func TestGoesByName(t *testing.T) {
	for text, want := range map[string]bool{
		"#!/bin/sh\nhook=$(basename \"$0\")\n":                          true,
		"#!/bin/sh\nhook=`basename -- ${0}`\n":                          true,
		"#!/bin/sh\nexec run \"${0##*/}\"\n":                            true,
		"#!/usr/bin/env bash\nhook=$(basename \"${BASH_SOURCE[0]}\")\n": true,
		"#!/usr/bin/env ruby\nhook_type = File.basename($0)\n":          true,
		"#!/usr/bin/env python3\nname = os.path.basename(sys.argv[0])":  true,
		"#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"":                  true,
		"#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n":    false, // husky 8
		"#!/bin/sh\ncd \"$(dirname \"$0\")/../..\" && make check\n":     false,
		"#!/bin/sh\nfor f in *; do basename $f; done; echo $0\n":        false,
		"#!/bin/sh\nexec lefthook run pre-commit \"$@\"\n":              false,
		"": false,
	} {
		if got := goesByName(text); got != want {
			t.Errorf("goesByName(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestOriginOf(t *testing.T) {
	ours := script(Program{"plumb", "/opt/plumb"})
	for _, test := range []struct {
		name, text string
		want       origin
	}{
		{"written by plumb", ours, originPlumb},
		{"written by another plumb", script(Program{Name: "it's\nodd"}), originPlumb},
		{"a line more", ours + "echo mine\n", originEdited},
		{"a line less", strings.Replace(ours, "fallback='/opt/plumb'\n", "", 1), originEdited},
		{"a line before", "#!/bin/sh\necho mine\n" + ours, originEdited},
		{"another shell", strings.Replace(ours, "#!/bin/sh", "#!/bin/bash", 1), originEdited},
		{"another system's line ends", strings.ReplaceAll(ours, "\n", "\r\n"), originEdited},
		{"another hook", "#!/bin/sh\nexec plumb verify --staged\n", originOther},
		{"nothing", "", originOther},
	} {
		if got := originOf(test.text); got != test.want {
			t.Errorf("%s: originOf = %v, want %v", test.name, got, test.want)
		}
	}
}

// The shell takes the names of any file as they are.
func TestHookScriptQuotes(t *testing.T) {
	for _, name := range []string{
		"a b", "it's", `"$HOME"`, "`id`", "$(id)", "a\nb", `back\slash`, "-n", "'", "*",
	} {
		script, _, found := strings.Cut(script(Program{Name: name, Fallback: name}), "\nif ! command")
		if !found {
			t.Fatal("the script is not what this test takes it to be")
		}
		script += "\n" + `printf '%s|%s|' "$plumb" "$fallback"`
		out, err := exec.Command("sh", "-c", script, "x/pre-commit").Output()
		if want := name + "|" + name + "|"; err != nil || string(out) != want {
			t.Errorf("the shell reads %q, %v; want %q", out, err, want)
		}
	}
}
