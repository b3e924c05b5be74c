package report

import (
	"encoding/json"
	"io"

	"github.com/plumb-dev/plumb/verify"
)

// JSON writes the report as the document plumb.dev/verify/v1.
func JSON(w io.Writer, r Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Schema   string           `json:"schema"`
		OK       bool             `json:"ok"`
		Summary  Summary          `json:"summary"`
		Findings []verify.Finding `json:"findings"`
		Failures []Failure        `json:"failures"`
		Base     string           `json:"base,omitempty"`
		Changes  []Change         `json:"changes,omitzero"`
	}{"plumb.dev/verify/v1", r.OK, r.Summary, append([]verify.Finding{}, r.Findings...),
		append([]Failure{}, r.Failures...), r.Base, r.Changes})
}
