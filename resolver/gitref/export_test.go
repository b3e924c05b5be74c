package gitref

// WithoutGit has a client work as where there is no git program.
func (c *Client) WithoutGit() { c.git = "" }

// SetMaxOutput bounds what is read of a command's output.
func (c *Client) SetMaxOutput(n int64) { c.maxOutput = n }

// For tests of what no server can be brought to send.
var (
	ParseRefs = parseRefs
	ValidRef  = validRef
	Gist      = gist
	CauseOf   = causeOf
)
