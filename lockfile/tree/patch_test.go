package tree

import "testing"

func TestPatchName(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a/deploy/web.yaml", "a/deploy/web.yaml"},
		{"a/x y.yaml", "a/x y.yaml"},
		{`a/"q"\.yaml`, `"a/\"q\"\\.yaml"`},
		{"a/ü\n.yaml", `"a/\303\274\012.yaml"`},
	}
	for _, tt := range tests {
		if got := patchName(tt.in); got != tt.want {
			t.Errorf("patchName(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}
