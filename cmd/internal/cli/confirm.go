package cli

import (
	"bufio"
	"context"
	"strings"
)

// Interactive reports whether a person is there to answer questions.
func (o *IO) Interactive() bool {
	return IsTerminal(o.Stderr) && IsTerminal(o.Stdin) && !o.Quiet
}

// Confirm asks a question, and reads a line of answers, which reads Stdin. Only a
// clear yes is one.
func (o *IO) Confirm(ctx context.Context, answers *bufio.Reader, question string) (bool, error) {
	o.Errorf("%s [y/N] ", question)
	read := make(chan string, 1)
	go func() {
		line, _ := answers.ReadString('\n') // the end of the input is a no
		read <- line
	}()
	select {
	case line := <-read:
		if !strings.HasSuffix(line, "\n") {
			o.Errorf("\n") // the answer has not ended the line
		}
		answer := strings.ToLower(strings.TrimSpace(line))
		return answer == "y" || answer == "yes", nil
	case <-ctx.Done(): // reading goes on until the command ends, which is now
		o.Errorf("\n")
		return false, context.Cause(ctx)
	}
}
