package shell

import "testing"

func TestWord(t *testing.T) {
	tests := []struct{ in, want string }{
		{"deploy/web.yaml", "deploy/web.yaml"},
		{"ümlaut.yaml", "ümlaut.yaml"},
		{"a b.yaml", "'a b.yaml'"},
		{"it's.yaml", `'it'\''s.yaml'`},
		{"$HOME", "'$HOME'"},
		{"", "''"},
	}
	for _, tt := range tests {
		if got := Word(tt.in); got != tt.want {
			t.Errorf("Word(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}
