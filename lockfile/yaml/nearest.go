package yaml

import "strings"

// nearest returns the one of names that word is likely a slip for, or "".
func nearest(word string, names []string) string {
	best, least := "", 3 // at most two letters off
	for _, name := range names {
		if strings.EqualFold(word, name) {
			return name
		}
		if len(word) > len(name)+2 {
			continue
		}
		if d := distance(word, name); d < least && d < len(name)/2+1 {
			best, least = name, d
		}
	}
	return best
}

// distance is the number of letters to add, drop or change to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
