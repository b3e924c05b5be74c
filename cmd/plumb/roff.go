package main

import (
	"fmt"
	"strings"
)

// page is a manual page in the man(7) macros, which groff and mandoc read alike.
type page struct{ strings.Builder }

// title begins the page. An empty date is left out.
func (p *page) title(name string, section int, date, source string) {
	fmt.Fprintf(p, ".TH %s %d %q %s\n", strings.ToUpper(name), section, date, roffArgument(source))
	// Commands are to be copied, and words not to be broken.
	p.WriteString(".nh\n.ad l\n")
}

func (p *page) section(title string) { fmt.Fprintf(p, ".SH %s\n", roffArgument(title)) }

func (p *page) subsection(title string) { fmt.Fprintf(p, ".SS %s\n", roffArgument(title)) }

// item is a term with what is said of it. The term is bold, but for the words
// that stand for others: those of capital letters.
func (p *page) item(term, says string) {
	p.WriteString(".TP\n")
	var words []string
	for word := range strings.FieldsSeq(term) {
		font := `\fB`
		if bare := strings.Trim(word, "[]…,"); bare == strings.ToUpper(bare) && strings.ToLower(bare) != bare && bare[0] != '-' && !strings.Contains(bare, "_") {
			font = `\fI`
		}
		words = append(words, font+roffText(word)+`\fR`)
	}
	p.WriteString(strings.Join(words, " ") + "\n")
	p.lines(says)
}

// prose is a description as commands have it: paragraphs, and examples that are
// indented.
func (p *page) prose(text string) {
	for i, block := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			p.WriteString(".PP\n")
		}
		if strings.HasPrefix(block, "   ") {
			p.example(block)
		} else {
			p.lines(block)
		}
	}
}

// example is text that keeps its lines.
func (p *page) example(text string) {
	p.WriteString(".RS 4\n.nf\n")
	for line := range strings.SplitSeq(text, "\n") {
		p.lines(strings.TrimPrefix(line, "   "))
	}
	p.WriteString(".fi\n.RE\n")
}

func (p *page) lines(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = roffText(line)
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, `\(aq`) {
			line = `\&` + line
		}
		p.WriteString(line + "\n")
	}
}

var roffCharacters = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "\t", "    ")

// roffText is text that a formatter shows as it is.
func roffText(text string) string {
	text = roffCharacters.Replace(text)
	var out strings.Builder
	for _, r := range text {
		if r > 0x7e {
			fmt.Fprintf(&out, `\[u%04X]`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// roffArgument is text as an argument of a macro.
func roffArgument(text string) string {
	return `"` + strings.ReplaceAll(roffText(text), `"`, `\(dq`) + `"`
}
