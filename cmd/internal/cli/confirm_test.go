package cli

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

// TestConfirm has answers. What follows a question begins on a line of its own, also where
// the input ends in place of an answer.
func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "Yes\n": true, " yes \n": true, "y": true,
		"n\n": false, "\n": false, "": false, "yeah\n": false, "ja\n": false} {
		var out bytes.Buffer
		got, err := (&IO{Stderr: &out}).Confirm(t.Context(), bufio.NewReader(strings.NewReader(answer)), "sure?")
		text := "sure? [y/N] "
		if !strings.HasSuffix(answer, "\n") {
			text += "\n" // a terminal has shown the others
		}
		if err != nil || got != want || out.String() != text {
			t.Errorf("%q: %v, %v, %q", answer, got, err, out.String())
		}
	}
}
