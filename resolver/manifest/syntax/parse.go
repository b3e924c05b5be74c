package syntax

// Error is a text that is no YAML, or one beyond the limits of this package.
type Error struct {
	Offset int    // byte offset of the fault, as near as the parser knows
	Msg    string // lower case, no position
}

func (e *Error) Error() string { return e.Msg }

// Parser holds the memory that parsing needs, so that one can be used for many
// texts in turn. The documents of a call are valid until the next call. The
// zero Parser is ready for use; one Parser serves one goroutine.
type Parser struct{}

// Parse reads every document of src. The error is an *Error; documents before
// the fault are returned with it.
func (p *Parser) Parse(src string) ([]Document, error) { panic("not written") }
