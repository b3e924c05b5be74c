package cli

import (
	"slices"
	"strings"

	cli "github.com/urfave/cli/v2"
)

// Option is a flag as help and completion tell of it.
type Option struct {
	Names    []string // as typed, "--output" and "-o"; the first one is its main name
	Value    string   // what stands for its value, "FORMAT"; "" if it takes none
	Says     string   // what it is for
	Default  string   // its value where it is not given; "" for none
	Repeated bool     // it may be given more than once
	Category string   // in help
}

// Options describes the flags that are not hidden.
func Options(flags []cli.Flag) []Option {
	var out []Option
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if v, can := f.(cli.VisibleFlag); !ok || can && !v.IsVisible() {
			continue
		}
		o := newOption(d)
		if c, ok := f.(cli.CategorizableFlag); ok {
			o.Category = c.GetCategory()
		}
		if f == cli.HelpFlag || f == cli.VersionFlag {
			o.Category = categoryCommon
		}
		if s, ok := f.(cli.DocGenerationSliceFlag); ok {
			o.Repeated = s.IsSliceFlag()
		}
		out = append(out, o)
	}
	return out
}

func newOption(f cli.DocGenerationFlag) Option {
	o := Option{Says: f.GetUsage()}
	for _, name := range f.Names() {
		if len(name) == 1 {
			o.Names = append(o.Names, "-"+name)
		} else {
			o.Names = append(o.Names, "--"+name)
		}
	}
	if before, rest, quoted := strings.Cut(f.GetUsage(), "`"); quoted {
		value, after, _ := strings.Cut(rest, "`")
		o.Value, o.Says = value, before+value+after
	}
	if f.TakesValue() {
		if o.Value == "" {
			o.Value = "VALUE"
		}
		if zero := []string{"", "0", "0s", "[]"}; !slices.Contains(zero, f.GetValue()) {
			o.Default = f.GetValue()
		}
	}
	return o
}

// Long is the longest name of o.
func (o Option) Long() string {
	return slices.MaxFunc(o.Names, func(a, b string) int { return len(a) - len(b) })
}

// synopsis is o as help shows it: "-o, --output=FORMAT".
func (o Option) synopsis() string {
	long, short := o.Long(), ""
	for _, name := range o.Names {
		if name != long {
			short += name + ", "
		}
	}
	if short == "" && strings.HasPrefix(long, "--") {
		short = "    " // the long names stand below one another
	}
	switch {
	case o.Value == "":
		return short + long
	case strings.HasPrefix(long, "--"):
		return short + long + "=" + o.Value
	default:
		return short + long + " " + o.Value
	}
}

// explanation is what help says of o.
func (o Option) explanation() string {
	text := o.Says
	if o.Repeated {
		text += " (repeatable)"
	}
	if o.Default != "" {
		text += " (default: " + o.Default + ")"
	}
	return text
}
