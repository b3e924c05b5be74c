package complete

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

func TestChoices(t *testing.T) {
	tests := []struct{ value, says, want string }{
		{"FORMAT", "FORMAT: text or json", "text json"},
		{"FORMAT", "FORMAT: text, json or sarif", "text json sarif"},
		{"FORMAT", "print as FORMAT: text or json (text by default)", "text json"},
		{"DIR", "run as if started in DIR", ""},
		{"TIME", "TIME: how long it may take", ""},
		{"", "text or json", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(choices(cli.Option{Value: tt.value, Says: tt.says}), " "); got != tt.want {
			t.Errorf("choices of %q are %q, want %q", tt.says, got, tt.want)
		}
	}
}

func TestOperandsOf(t *testing.T) {
	tests := []struct {
		usage string
		want  []operand
	}{
		{"", nil},
		{"[PATH…]", []operand{{[]string{"PATH"}, true}}},
		{"[PATH…|-]", []operand{{[]string{"PATH"}, true}}},
		{"[RULE]", []operand{{[]string{"RULE"}, false}}},
		{"bash|zsh", []operand{{[]string{"bash", "zsh"}, false}}},
		{"A [B]", []operand{{[]string{"A"}, false}, {[]string{"B"}, false}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, operandsOf(tt.usage), cmp.AllowUnexported(operand{})); diff != "" {
			t.Errorf("operandsOf(%q) (-want +got):\n%s", tt.usage, diff)
		}
	}
}
