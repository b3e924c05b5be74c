package cli

import (
	"testing"
	"time"

	cli "github.com/urfave/cli/v2"
)

func TestOptions(t *testing.T) {
	tests := []struct {
		flag            cli.Flag
		synopsis, shown string
	}{
		{&cli.BoolFlag{Name: "check", Usage: "write nothing"}, "    --check", "write nothing"},
		{&cli.StringFlag{Name: "C", Usage: "run in `DIR`"}, "-C DIR", "run in DIR"},
		{&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "print as `FORMAT`: a or b"},
			"-o, --output=FORMAT", "print as FORMAT: a or b"},
		{&cli.StringFlag{Name: "branch", Value: "main", Usage: "the branch"},
			"    --branch=VALUE", "the branch (default: main)"},
		{&cli.DurationFlag{Name: "drain", Usage: "wait for `DURATION`"},
			"    --drain=DURATION", "wait for DURATION"},
		{&cli.DurationFlag{Name: "every", Value: time.Minute, Usage: "`DURATION` between checks"},
			"    --every=DURATION", "DURATION between checks (default: 1m0s)"},
		{&cli.StringSliceFlag{Name: "exempt", Usage: "skip `NAME`"},
			"    --exempt=NAME", "skip NAME (repeatable)"},
		{&cli.StringFlag{Name: "secret", Hidden: true}, "", ""},
	}
	for _, tt := range tests {
		options := Options([]cli.Flag{tt.flag})
		if tt.synopsis == "" {
			if len(options) > 0 {
				t.Errorf("the hidden flag %v is an option", tt.flag.Names())
			}
			continue
		}
		if got := options[0].synopsis(); got != tt.synopsis {
			t.Errorf("%v is shown as %q, want %q", tt.flag.Names(), got, tt.synopsis)
		}
		if got := options[0].explanation(); got != tt.shown {
			t.Errorf("%v is explained by %q, want %q", tt.flag.Names(), got, tt.shown)
		}
	}
}

// What all commands have comes last, and flags without a category first.
func TestFlagSections(t *testing.T) {
	app := testApp()
	lock := Find(app.Commands, "lock")
	lock.Flags = append(lock.Flags, &cli.StringFlag{Name: "policy", Category: CategoryPolicy})
	var got []string
	for _, s := range flagSections(lock.Flags) {
		got = append(got, s.Category)
	}
	if len(got) != 3 || got[0] != "" || got[1] != CategoryPolicy || got[2] != categoryCommon {
		t.Errorf("the categories are %q", got)
	}
}
