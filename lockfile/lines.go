package lockfile

import "bytes"

// EntryLines returns the 1-based lines on which the entries of a canonical lock
// begin, in their order.
func EntryLines(data []byte) []int {
	var lines []int
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(text, []byte(entryMark)) {
			lines = append(lines, line)
		}
	}
	return lines
}
