package main

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// ciNames is how people call the systems.
var ciNames = map[string]string{"github": "GitHub", "gitlab": "GitLab", "jenkins": "Jenkins", "teamcity": "TeamCity"}

// foundText says what was found.
func (i *initiation) foundText() {
	f := i.found
	i.Printf("%s, %d not pinned", cli.Count(f.References, "reference", "references"), f.Unpinned)
	if f.Fixed > 0 {
		i.Printf(", %d that plumb cannot pin in place", f.Fixed)
	}
	i.Printf("\n")
	var hosts []string
	for _, r := range f.Registries {
		hosts = append(hosts, fmt.Sprintf("%s (%d)", r.Host, r.References))
	}
	i.line("registries", hosts)
	i.line("made for", f.Tools)
	i.line("nodes", f.Platforms)
	i.line("lock roots inside", f.Nested)
	for _, u := range f.Fields {
		i.line("looks like an image", []string{u.Kind + " " + u.Path + " in " + u.Place})
	}
	i.line("may be meant for no cluster", f.Exclude)
	var systems []string
	for _, system := range f.CI {
		systems = append(systems, ciNames[system])
	}
	i.line("CI", systems)
}

func (i *initiation) line(what string, words []string) {
	if len(words) > 0 {
		i.Printf("%s: %s\n", what, cli.SanitizeTerminal(strings.Join(words, ", ")))
	}
}

// ask asks for the hook and for CI where somebody is there to answer, and they
// could be had.
func (i *initiation) ask(ctx context.Context) error {
	if !cli.IsTerminal(i.Stderr) || !cli.IsTerminal(i.Stdin) || i.Quiet || !i.git {
		return nil
	}
	answers := bufio.NewReader(i.Stdin)
	if !i.wantsHook && i.folder != nil && i.found.Hook == hookNone && i.hookRefusal(i.folder, false) == nil {
		yes, err := i.yes(ctx, answers, "verify before each git commit, by a hook?")
		if err != nil {
			return err
		}
		i.wantsHook = yes
	}
	for _, system := range i.found.CI {
		if i.system != "" {
			break
		}
		file := ciSnippets[system].file
		if there, err := i.stands(filepath.Join(i.top, filepath.FromSlash(file))); err != nil || there {
			continue // no file is changed
		}
		yes, err := i.yes(ctx, answers, fmt.Sprintf("have %s verify, by %s?", ciNames[system], i.Display(i.top, file)))
		if err != nil {
			return err
		}
		if yes {
			i.system = system
		}
	}
	return nil
}

// yes asks a question, and takes only a clear yes for one.
func (i *initiation) yes(ctx context.Context, answers *bufio.Reader, question string) (bool, error) {
	i.Errorf("%s [y/N] ", question)
	read := make(chan string, 1)
	go func() {
		line, _ := answers.ReadString('\n') // the end of the input is a no
		read <- line
	}()
	select {
	case line := <-read:
		answer := strings.ToLower(strings.TrimSpace(line))
		return answer == "y" || answer == "yes", nil
	case <-ctx.Done(): // reading goes on until the command ends, which is now
		i.Errorf("\n")
		return false, context.Cause(ctx)
	}
}

// tell says what was done, and what to do next.
func (i *initiation) tell(configured bool) error {
	if i.JSON() {
		return i.PrintJSON(struct {
			Schema  string   `json:"schema"`
			Written []string `json:"written"`
			Hooked  bool     `json:"hooked"`
			Found   found    `json:"found"`
		}{"plumb.dev/init/v1", append([]string{}, i.made...), i.wantsHook, i.found})
	}
	if configured {
		i.Hintf("plumb.yaml: is there already, and was not changed\n")
	} else if i.Dir != i.top {
		i.Hintf("this directory is a lock root of its own now: the plumb.yaml and plumb.lock above do not count here\n")
	}
	if i.found.Unpinned > i.found.Fixed {
		i.Hintf("    to pin what is not pinned: plumb lock\n")
	}
	if len(i.found.Fields) > 0 {
		i.Hintf("    to have what looks like images pinned, too: see fields in plumb.yaml\n")
	}
	i.offer()
	return nil
}

// offer says where else plumb could verify.
func (i *initiation) offer() {
	if !i.git {
		return
	}
	switch {
	case i.wantsHook || i.found.Hook != hookNone:
	case i.found.Framework:
		i.Hintf("    to verify before each commit: add the hook plumb-verify to .pre-commit-config.yaml\n")
	default:
		i.Hintf("    to verify before each commit: plumb hook install\n")
	}
	if i.system != "" {
		return
	}
	system, print := "SYSTEM", ""
	if len(i.found.CI) > 0 {
		system = i.found.CI[0]
		if there, err := i.stands(filepath.Join(i.top, filepath.FromSlash(ciSnippets[system].file))); err == nil && there {
			print = " --stdout" // what is there is only added to by hand
		}
	}
	i.Hintf("    to have CI verify: plumb init --ci %s%s\n", system, print)
}
