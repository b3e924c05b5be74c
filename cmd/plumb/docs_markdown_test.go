package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// document is a file in Markdown, read line by line.
type document struct {
	file   string   // from the top of the module, slash-separated
	text   string   // as it is
	prose  []string // its lines, those of fenced blocks left empty
	anchor []string // of its headings
	blocks []docBlock
}

// docBlock is a fenced block.
type docBlock struct {
	file     string
	heading  string // the anchor of the heading above it
	number   int    // among the heading's blocks of commands, from 1; 0 if it has none
	language string
	line     int // of its first line of text
	text     string
}

// docCommand is a command line of a block, and what the block shows of its output.
type docCommand struct {
	line   string
	output []string
}

// id names a block of commands: FILE HEADING/NUMBER.
func (b docBlock) id() string { return fmt.Sprintf("%s %s/%d", b.file, b.heading, b.number) }

// documents reads README.md, docs/*.md, and the other documents at the top.
func documents(t testing.TB) []*document {
	t.Helper()
	top := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(top, "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("docs has no documents (%v)", err)
	}
	var all []*document
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		files = append(files, filepath.Join(top, name))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := parseDocument(strings.TrimPrefix(filepath.ToSlash(file), "../../"), string(data))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

var headingLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^#{1,6} (.*)$")
})

// parseDocument finds the headings and the fenced blocks. A fence stands at the beginning
// of a line, and each block says its language.
func parseDocument(file, text string) (*document, error) {
	d := &document{file: file, text: text}
	var open *docBlock
	numbers := map[string]int{}
	heading := ""
	for i, line := range strings.Split(text, "\n") {
		prose := ""
		switch {
		case open != nil && line == "```":
			d.blocks = append(d.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			open = &docBlock{file: file, heading: heading, language: line[3:], line: i + 2}
			switch open.language {
			case "sh", "console":
				numbers[heading]++
				open.number = numbers[heading]
			case "yaml", "text", "json":
			default:
				return nil, fmt.Errorf("%s:%d: a block of language %q", file, i+1, open.language)
			}
		case strings.Contains(line, "```"):
			return nil, fmt.Errorf("%s:%d: a fence that does not begin the line", file, i+1)
		default:
			if m := headingLine().FindStringSubmatch(line); m != nil {
				heading = anchorOf(m[1])
				if slices.Contains(d.anchor, heading) {
					return nil, fmt.Errorf("%s:%d: a second heading %q", file, i+1, m[1])
				}
				d.anchor = append(d.anchor, heading)
			}
			prose = line
		}
		d.prose = append(d.prose, prose)
	}
	if open != nil {
		return nil, fmt.Errorf("%s:%d: the block has no end", file, open.line)
	}
	return d, nil
}

var notInAnchor = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[^\pL\pN _-]`)
})

// anchorOf is how GitHub and GitLab link to a heading.
func anchorOf(heading string) string {
	return strings.ReplaceAll(notInAnchor().ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// commands are the command lines of a block: those behind "$ " on a console, all of a
// script. A line that ends with a backslash goes on in the next one.
func (b docBlock) commands() []docCommand {
	var all []docCommand
	goesOn := false
	for line := range strings.Lines(b.text) {
		line = strings.TrimSuffix(line, "\n")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case goesOn:
			all[len(all)-1].line += "\n" + line
			goesOn = strings.HasSuffix(line, `\`)
			continue
		case b.language == "sh":
			command, isCommand = line, line != "" && !strings.HasPrefix(line, "#")
		}
		if isCommand {
			all = append(all, docCommand{line: command})
			goesOn = strings.HasSuffix(command, `\`)
		} else if b.language == "console" && len(all) > 0 {
			last := &all[len(all)-1]
			last.output = append(last.output, line)
		}
	}
	return all
}

var markdownLink = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\]\(([^)\s]+)\)`)
})

var tableRow = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\|.*\|$`)
})

var sourcePath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("`((?:cmd|lockfile|verify|resolver|testdata)/[a-z0-9_./-]+)`")
})

// columns is how wide a line of prose may be.
const columns = 100

// Links and paths lead to files and headings that exist, and lines are wrapped.
func TestDocsAreInOrder(t *testing.T) {
	anchors := map[string][]string{}
	all := documents(t)
	for _, d := range all {
		anchors[d.file] = d.anchor
	}
	for _, d := range all {
		for i, line := range d.prose {
			breaks := strings.Contains(strings.TrimSpace(line), " ") && !tableRow().MatchString(line)
			if n := len([]rune(line)); n > columns && breaks {
				t.Errorf("%s:%d: %d columns, want at most %d", d.file, i+1, n, columns)
			}
			for _, m := range sourcePath().FindAllStringSubmatch(line, -1) {
				if _, err := os.Stat(fromTop(m[1])); err != nil {
					t.Errorf("%s:%d: %v", d.file, i+1, err)
				}
			}
			for _, m := range markdownLink().FindAllStringSubmatch(line, -1) {
				if err := d.checkLink(m[1], anchors); err != nil {
					t.Errorf("%s:%d: %v", d.file, i+1, err)
				}
			}
		}
	}
}

// fromTop is the path of a file that is named from the top of the module.
func fromTop(name string) string { return filepath.Join("..", "..", filepath.FromSlash(name)) }

func (d *document) checkLink(link string, anchors map[string][]string) error {
	if strings.HasPrefix(link, "https://") {
		return nil
	}
	file, anchor, _ := strings.Cut(link, "#")
	target := d.file
	if file != "" {
		target = path.Join(path.Dir(d.file), file)
	}
	if _, err := os.Stat(fromTop(target)); err != nil {
		return fmt.Errorf("the link to %s: %w", link, err)
	}
	if anchor != "" && !slices.Contains(anchors[target], anchor) {
		return fmt.Errorf("the link to %s: there is no such heading", link)
	}
	return nil
}

func TestParseDocument(t *testing.T) {
	const text = "# A b, c!\n\n```console\n$ one \\\n  two\nout\n…\n$ three\n```\n\n" +
		"```yaml\na: 1\n```\n\n```sh\n# no command\nfour\n```\nend\n"
	d, err := parseDocument("x.md", text)
	if err != nil {
		t.Fatal(err)
	}
	if b := d.blocks; len(b) != 3 || b[0].id() != "x.md a-b-c/1" || b[1].number != 0 ||
		b[2].id() != "x.md a-b-c/2" {
		t.Fatalf("the blocks are %+v", b)
	}
	got := fmt.Sprintf("%q", append(d.blocks[0].commands(), d.blocks[2].commands()...))
	if want := `[{"one \\\n  two" ["out" "…"]} {"three" []} {"four" []}]`; got != want {
		t.Errorf("the commands are %s, want %s", got, want)
	}
	if got := strings.Join(d.prose, "|"); got != "# A b, c!"+strings.Repeat("|", 18)+"end|" {
		t.Errorf("the prose is %q", got)
	}
	for _, wrong := range []string{"```bash\n```\n", "```sh\n", "- ```sh\n", "# a\n# A\n"} {
		if _, err := parseDocument("x.md", wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
