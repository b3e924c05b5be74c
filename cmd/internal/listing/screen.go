package listing

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

const (
	indent      = 2  // columns before the rows of a file
	gap         = 2  // columns between two cells
	minText     = 10 // columns of a reference, however narrow the screen is
	minResource = 12 // columns of a resource; with less it is left out
	fairText    = 24 // columns of a reference, to have a resource beside it
)

// screen lays a listing out for a terminal: no line is longer than that is wide.
type screen struct {
	io    *cli.IO
	width int
	// Where the cells of a row begin, and how wide the last two of them are.
	state, text, resource        int
	textColumns, resourceColumns int
	// narrow says that text is on a line below the state, since there is no room beside it.
	narrow bool

	out strings.Builder
}

// show prints the listing on a terminal.
func (l *Listing) show(io *cli.IO, by By) {
	s := &screen{io: io, width: io.Columns}
	if by == ByImage {
		s.images(l.images())
	} else {
		s.measure(l)
		s.files(l)
	}
	if !io.Quiet {
		s.totals(l, by)
	}
	io.Printf("%s", s.out.String())
}

// line adds a line of cells.
func (s *screen) line(cells ...cli.Cell) { s.out.WriteString(s.io.Line(s.width, cells...)) }

// measure finds where the cells of all rows begin.
func (s *screen) measure(l *Listing) {
	last, state, text, resource := 0, 0, 0, 0
	for i := range l.References {
		r := &l.References[i]
		last = max(last, r.Line)
		state = max(state, len(r.state().String()))
		text = max(text, cli.TextWidth(shortDigest(cli.SanitizeCell(r.Reference))))
		resource = max(resource, cli.TextWidth(cli.SanitizeCell(r.resource())))
	}
	for i := range l.Remarks {
		last, state = max(last, l.Remarks[i].Line), max(state, len(l.Remarks[i].Rule))
	}
	s.state = indent + len(strconv.Itoa(last)) + gap
	s.text = s.state + state + gap
	if s.narrow = s.width-s.text < minText; s.narrow {
		s.text = s.state
	}
	rest := max(s.width-s.text, 1)
	columns := min(resource, max(rest/3, rest-gap-text))
	if columns < min(resource, minResource) || rest-gap-columns < min(text, fairText) {
		columns, s.textColumns = 0, rest
	} else {
		s.textColumns = min(text, max(rest-gap-columns, 1))
	}
	s.resource, s.resourceColumns = s.text+s.textColumns+gap, columns
}

// files lists the references and the remarks below the names of their files.
func (s *screen) files(l *Listing) {
	refs, remarks, file := l.References, l.Remarks, ""
	for len(refs)+len(remarks) > 0 {
		// The next one is that of the two which comes first.
		isRef := len(remarks) == 0 || len(refs) > 0 && (refs[0].File < remarks[0].File ||
			refs[0].File == remarks[0].File && refs[0].Line <= remarks[0].Line)
		if isRef {
			s.heading(&file, refs[0].File)
			s.reference(&refs[0])
			refs = refs[1:]
		} else {
			s.heading(&file, remarks[0].File)
			s.remark(&remarks[0])
			remarks = remarks[1:]
		}
	}
}

// heading begins the rows of the next file, unless that is the last one.
func (s *screen) heading(last *string, next string) {
	if s.out.Len() > 0 {
		if *last == next {
			return
		}
		s.out.WriteByte('\n')
	}
	*last = next
	s.line(cli.Cell{Text: cli.CutMiddle(cli.SanitizeCell(next), s.width), Style: cli.Bold})
}

func (s *screen) reference(r *Reference) {
	text := shortReference(cli.SanitizeCell(r.Reference), s.textColumns)
	cells := []cli.Cell{{At: s.text, Text: text}}
	if s.resourceColumns > 0 {
		text := cli.CutMiddle(cli.SanitizeCell(r.resource()), s.resourceColumns)
		cells = append(cells, cli.Cell{At: s.resource, Text: text})
	}
	s.row(r.Line, cli.Cell{Text: r.state().String(), Style: r.state().style()}, cells...)
	if r.Why != "" {
		s.below(cli.Dim, s.wrap(r.Why))
	}
}

func (s *screen) remark(r *Remark) {
	style := cli.Dim
	if r.severe() {
		style = cli.Red
	}
	lines := s.wrap(r.says())
	s.row(r.Line, cli.Cell{Text: r.Rule, Style: style}, cli.Cell{At: s.text, Text: lines[0]})
	s.below(cli.Plain, lines[1:])
}

// row adds a row: the line in the file, the state, and the cells behind or below it.
func (s *screen) row(line int, state cli.Cell, cells ...cli.Cell) {
	number := cli.Cell{At: indent, Text: fmt.Sprintf("%*d", s.state-gap-indent, line)}
	state.At = s.state
	if s.narrow {
		s.line(number, state)
		s.line(cells...)
		return
	}
	s.line(append([]cli.Cell{number, state}, cells...)...)
}

// below continues a row on lines of their own.
func (s *screen) below(style cli.Style, lines []string) {
	for _, line := range lines {
		s.line(cli.Cell{At: s.text, Text: line, Style: style})
	}
}

// wrap breaks a text into lines that fit beside or below the state.
func (s *screen) wrap(text string) []string {
	columns := max(s.width-s.text, minText)
	return strings.Split(cli.WrapAt(cli.SanitizeTerminal(text), columns), "\n")
}

// images lists names, the number of their places, and the state of these.
func (s *screen) images(images []image) {
	const places = "PLACES"
	name, state := len("NAME"), len("STATE")
	for _, m := range images {
		name = max(name, cli.TextWidth(cli.SanitizeCell(m.name)))
		state = max(state, len(m.places.short()))
	}
	name = min(name, max(s.width-2*gap-len(places)-state, minText))
	s.state = name + gap + len(places) + gap
	if len(images) > 0 {
		s.line(cli.Cell{Text: "NAME", Style: cli.Bold},
			cli.Cell{At: name + gap, Text: places, Style: cli.Bold},
			cli.Cell{At: s.state, Text: "STATE", Style: cli.Bold})
	}
	for _, m := range images {
		number := fmt.Sprintf("%*d", len(places), m.places.sum())
		s.line(cli.Cell{Text: shortReference(cli.SanitizeCell(m.name), name)},
			cli.Cell{At: name + gap, Text: number},
			cli.Cell{At: s.state, Text: m.places.short(), Style: m.places.worst().style()})
	}
}

// totals ends the screen.
func (s *screen) totals(l *Listing, by By) {
	if s.out.Len() > 0 {
		s.out.WriteByte('\n')
	}
	text := l.summary()
	if by == ByImage && len(l.Remarks) > 0 {
		text += " (--by file shows them)"
	}
	for line := range strings.SplitSeq(cli.WrapAt(text, s.width), "\n") {
		s.line(cli.Cell{Text: line})
	}
}
