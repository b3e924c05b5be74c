package cli

// Style is how a terminal that shows colors prints a text.
type Style string

// The styles of what commands print.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Paint gives text a style on a terminal that shows colors.
func (o *IO) Paint(style Style, text string) string {
	if !o.Color || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Bold marks text on a terminal that shows colors.
func (o *IO) Bold(text string) string { return o.Paint(Bold, text) }
