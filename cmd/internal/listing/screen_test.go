package listing

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// example has references in all states, remarks, and scripts of all widths.
func example() *Listing {
	l := &Listing{
		References: []Reference{
			{File: "apps/web.yaml", Line: 7, Kind: "Pod", Name: "web", Reference: "nginx:1.27",
				Tracked: "docker.io/library/nginx:1.27", Editable: true},
			{File: "apps/web.yaml", Line: 9, Kind: "Pod", Name: "web",
				Reference: "ghcr.io/acme/shop/a-long-name/api:v1.20.3" + digest,
				Tracked:   "ghcr.io/acme/shop/a-long-name/api:v1.20.3", Pinned: true, Editable: true},
			{File: "apps/web.yaml", Line: 120, Kind: "Deployment", Name: "日本語の長い名前とか",
				Reference: "ghcr.io/日本語/e\u0301x:1", Why: "a repository cannot hold 日"},
			{File: "kustomization.yaml", Line: 3, Kind: "Kustomization",
				Reference: "nginx", Tracked: "", inherits: true},
			{File: "kustomization.yaml", Line: 8, Kind: "Kustomization",
				Reference: "nginx:1.27" + digest, Tracked: "docker.io/library/nginx:1.27",
				Pinned: true, Editable: true},
		},
		Remarks: []Remark{
			{File: "apps/web.yaml", Line: 8, Rule: "uneditable", Severity: "error", Reference: "nginx:${TAG}",
				Message: "is filled in elsewhere (variable)"},
			{File: "b.yaml", Line: 3, Rule: "unreadable", Severity: "error", Message: "cannot be parsed\x1b[2J"},
		},
	}
	l.totals = count(l.References)
	return l
}

// show is what a terminal of that width shows.
func show(l *Listing, width int, by By, o *cli.IO) string {
	var out strings.Builder
	o.Stdout, o.Columns, o.Terminal = &out, width, true
	if err := l.Print(o, by); err != nil {
		panic(err)
	}
	return out.String()
}

func TestScreen(t *testing.T) {
	for width, want := range map[int]string{
		40: `apps/web.yaml
    7  not pinned    nginx:1.27
    8  uneditable    "nginx:${TAG}" is
                     filled in elsewhere
                     (variable)
    9  pinned        ghcr…e/api:v1.20.3…
  120  not editable  ghcr.io/日本語/éx:1
                     a repository cannot
                     hold 日
`,
		80: `apps/web.yaml
    7  not pinned    nginx:1.27                              Pod/web
    8  uneditable    "nginx:${TAG}" is filled in elsewhere (variable)
    9  pinned        ghcr.io/…name/api:v1.20.3@0123456789ab  Pod/web
  120  not editable  ghcr.io/日本語/éx:1                     Deploymen…名前とか
                     a repository cannot hold 日
`,
		120: `apps/web.yaml
    7  not pinned    nginx:1.27                                              Pod/web
    8  uneditable    "nginx:${TAG}" is filled in elsewhere (variable)
    9  pinned        ghcr.io/acme/shop/a-long-name/api:v1.20.3@0123456789ab  Pod/web
  120  not editable  ghcr.io/日本語/éx:1                                     Deployment/日本語の長い名前とか
                     a repository cannot hold 日
`,
	} {
		want = strings.ReplaceAll(want, "é", "e\u0301")
		got := show(example(), width, ByFile, &cli.IO{})
		if first, _, _ := strings.Cut(got, "\n\n"); first+"\n" != want {
			t.Errorf("in %d columns:\n%s\nwant\n%s", width, first, want)
		}
	}
}

func TestScreenRest(t *testing.T) {
	got := show(example(), 80, ByFile, &cli.IO{})
	const want = `
b.yaml
    3  unreadable    cannot be parsed\x1b[2J

kustomization.yaml
    3  inherited     nginx                                   Kustomization
    8  pinned        nginx:1.27@0123456789ab                 Kustomization

5 references: 2 pinned, 1 not pinned, 1 not editable, 1 inherited; 2 other
places that verify rejects
`
	if _, rest, _ := strings.Cut(got, "\n\n"); "\n"+rest != want {
		t.Errorf("the rest is\n%s\nwant\n%s", rest, want)
	}
	if got := show(example(), 80, ByFile, &cli.IO{Quiet: true}); strings.Contains(got, "references") {
		t.Errorf("--quiet prints totals:\n%s", got)
	}
	if got := show(&Listing{}, 80, ByFile, &cli.IO{}); got != "0 references\n" {
		t.Errorf("nothing is %q", got)
	}
}

func TestScreenByImage(t *testing.T) {
	got := show(example(), 60, ByImage, &cli.IO{})
	const want = `NAME                               PLACES  STATE
docker.io/library/nginx:1.27            2  1 of 2 not pinned
ghcr.io/acme…ong-name/api:v1.20.3       1  pinned
ghcr.io/日本語/éx:1                     1  not editable
nginx                                   1  inherited

5 references: 2 pinned, 1 not pinned, 1 not editable, 1
inherited; 2 other places that verify rejects (--by file
shows them)
`
	if got != strings.ReplaceAll(want, "é", "e\u0301") {
		t.Errorf("by image:\n%s\nwant\n%s", got, want)
	}
}

// No line is ever wrapped by the terminal, and colors take no room.
func TestScreenFits(t *testing.T) {
	for width := 1; width <= 130; width++ {
		for _, by := range []By{ByFile, ByImage} {
			plain := show(example(), width, by, &cli.IO{})
			for line := range strings.Lines(plain) {
				if n := cli.TextWidth(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("in %d columns by %s, a line has %d: %s", width, by, n, line)
				}
			}
			colored := show(example(), width, by, &cli.IO{Color: true})
			if width >= 20 && colored == plain {
				t.Errorf("in %d columns there is no color", width)
			}
			if got := uncolor(colored); got != plain {
				t.Errorf("in %d columns colors change\n%s\nto\n%s", width, plain, got)
			}
		}
	}
}

func uncolor(text string) string {
	r := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "",
		"\x1b[32m", "", "\x1b[33m", "")
	return r.Replace(text)
}

func TestShortReference(t *testing.T) {
	tests := []struct {
		reference string
		columns   int
		want      string
	}{
		{"nginx:1.27", 10, "nginx:1.27"},
		{"nginx:1.27" + digest, 23, "nginx:1.27@0123456789ab"},
		{"nginx:1.27" + digest, 22, "n…nx:1.27@0123456789ab"},
		{"nginx:1.27" + digest, 12, "nginx:1.27…"},
		{"ghcr.io/acme/api:v1" + digest, 18, "ghcr.i…cme/api:v1…"},
		{"localhost:5000/acme/api", 12, "local…me/api"},
		{"nginx@sha256:short", 18, "nginx@sha256:short"},
		{"nginx@what:ever and ever", 24, "nginx@what:ever and ever"},
		{"a:a-very-long-tag-of-a-build", 12, "a:a-v…-build"},
	}
	for _, tt := range tests {
		if got := shortReference(tt.reference, tt.columns); got != tt.want {
			t.Errorf("shortReference(%q, %d) = %q, want %q", tt.reference, tt.columns, got, tt.want)
		}
	}
}
