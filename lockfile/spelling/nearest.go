// Package spelling finds the name that somebody meant who wrote another one.
package spelling

import "strings"

const (
	maxSlips  = 2 // letters that are wrong in a slip
	minPrefix = 2 // letters of a name that is not written to its end
)

// Nearest returns the one of names that word is likely a slip for: the same in other case,
// the only one that begins with word, or the nearest one that is at most two letters off
// and shares more than half of its letters with word. It returns "" if there is none.
func Nearest(word string, names []string) string {
	if whole := complete(word, names); whole != "" {
		return whole
	}
	best, least := "", maxSlips+1
	for _, name := range names {
		if len(name) > len(word)+maxSlips || len(word) > len(name)+maxSlips {
			continue
		}
		if d := distance(word, name); d < least && 2*d < min(len(word), len(name)) {
			best, least = name, d
		}
	}
	return best
}

// complete returns the name that word is in other case, or else the only one that begins
// with word.
func complete(word string, names []string) string {
	found, n := "", 0
	for _, name := range names {
		if strings.EqualFold(word, name) {
			return name
		}
		if len(word) >= minPrefix && strings.HasPrefix(name, word) {
			found = name
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return found
}

// distance is the number of letters to add, drop, change, or swap with the next one, to
// get from a to b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
