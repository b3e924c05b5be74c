package listing

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// By says how a listing is grouped.
type By string

// The groups of a listing.
const (
	ByFile  By = "file"
	ByImage By = "image"
)

// Print prints the listing in the format that io has: on a terminal as a screen that fits
// it, elsewhere as rows, with remarks and totals on stderr.
func (l *Listing) Print(io *cli.IO, by By) error {
	switch {
	case io.JSON():
		return io.PrintJSON(struct {
			Schema     string      `json:"schema"`
			References []Reference `json:"references"`
			Remarks    []Remark    `json:"remarks"`
		}{"plumb.dev/list/v1", l.References, l.Remarks})
	case io.Format == cli.NameOnly:
		for _, name := range l.names() {
			io.Printf("%s\n", cli.SanitizeCell(name))
		}
		return nil
	case io.Terminal && io.Format != cli.Wide:
		l.show(io, by)
		return nil
	case by == ByImage:
		l.imageRows(io)
	default:
		l.rows(io)
	}
	l.remark(io)
	return nil
}

// rows prints a line a reference.
func (l *Listing) rows(io *cli.IO) {
	if len(l.References) == 0 {
		return
	}
	clean := cli.SanitizeCell
	rows := make([][]string, 0, len(l.References)+1)
	rows = append(rows, []string{"PLACE", "INPUT", "RESOURCE", "FIELD", "STATE", "REFERENCE"})
	for i := range l.References {
		r := &l.References[i]
		name := r.Reference
		if r.Why != "" {
			name += "  (" + r.Why + ")"
		}
		place := r.File + ":" + strconv.Itoa(r.Line) + ":" + strconv.Itoa(r.Column)
		rows = append(rows, []string{clean(place), r.Input, clean(r.resource()), clean(r.Field),
			r.state().String(), clean(name)})
	}
	io.Table(rows)
}

// imageRows prints a line a name.
func (l *Listing) imageRows(io *cli.IO) {
	images := l.images()
	if len(images) == 0 {
		return
	}
	rows := [][]string{{"NAME", "PLACES", "STATE"}}
	for _, m := range images {
		rows = append(rows, []string{
			cli.SanitizeCell(m.name), strconv.Itoa(m.places.sum()), m.places.short(),
		})
	}
	io.Table(rows)
}

// remark prints the remarks and the totals beside the rows.
func (l *Listing) remark(io *cli.IO) {
	var b strings.Builder
	for i := range l.Remarks {
		r := &l.Remarks[i]
		fmt.Fprintf(&b, "%s:%d:%d: %s [%s]\n", cli.SanitizeCell(r.File), r.Line, r.Column,
			cli.SanitizeCell(r.says()), r.Rule)
	}
	if b.Len() > 0 {
		io.Errorf("%s", b.String())
	}
	io.Hintf("%s\n", l.summary())
}
