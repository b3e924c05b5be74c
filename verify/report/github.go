package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/plumb-dev/plumb/verify"
)

// The escapes of a workflow command: in its message, and in its properties.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A",
		":", "%3A", ",", "%2C")
)

// GitHub writes the report as workflow commands of GitHub Actions, which makes
// annotations of them: errors first, as it shows ten of each kind a step. The message
// repeats the place, because the log shows only messages.
func GitHub(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Failures {
		place := ""
		if p := f.place(); p.File != "" {
			place = fmt.Sprintf("file=%s,line=%d,", commandProperty.Replace(p.File), max(p.Line, 1))
		}
		fmt.Fprintf(&b, "::error %stitle=plumb%%3A cannot tell::%s\n",
			place, commandData.Replace(text(f.Name+": "+f.Error, f.Fix)))
	}
	for _, severity := range []verify.Severity{verify.Error, verify.Remark} {
		command := "notice"
		if severity == verify.Error {
			command = "error"
		}
		for _, f := range r.Findings {
			if f.Severity != severity {
				continue
			}
			fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,title=plumb%%3A %s::%s\n",
				command, commandProperty.Replace(f.File), f.Line, f.Column,
				commandProperty.Replace(f.Rule), commandData.Replace(placed(f)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
