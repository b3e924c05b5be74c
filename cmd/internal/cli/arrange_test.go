package cli

import (
	"strings"
	"testing"
)

func TestArrange(t *testing.T) {
	app := testApp()
	tests := []struct{ in, want string }{
		{"plumb", "plumb"},
		{"plumb verify", "plumb verify"},
		{"plumb verify deploy --output json", "plumb verify --output json -- deploy"},
		{"plumb --output json verify deploy", "plumb verify --output json -- deploy"},
		{"plumb -C verify list", "plumb list -C verify"},
		{"plumb verify -", "plumb verify -- -"},
		{"plumb verify a --rev HEAD b", "plumb verify --rev HEAD -- a b"},
		{"plumb lock --check update nginx", "plumb lock update --check -- nginx"},
		{"plumb lock ./update", "plumb lock -- ./update"},
		{"plumb list a -- -x --y", "plumb list -- a -x --y"},
		{"plumb list lock", "plumb list -- lock"},
		{"plumb help", "plumb --help"},
		{"plumb help lock update", "plumb lock update --help"},
		{"plumb list help", "plumb list -- help"},
		{"plumb help lokc", "plumb -- lokc"},
		{"plumb lokc --help", "plumb -- lokc"},
		{"plumb list --help deploy --quiet", "plumb list --quiet --help"},
		{"plumb list -C --help -h", "plumb list -C --help --help"},
		{"plumb list -- --help", "plumb list -- --help"},
		{"plumb hook isntall -h", "plumb hook -- isntall"},
		{"plumb nonsense --quiet", "plumb --quiet -- nonsense"},
		{"plumb verify --rev", "plumb verify --rev"},
		{"plumb verify deploy --rev", "plumb verify --rev"},
	}
	for _, tt := range tests {
		if got := strings.Join(Arrange(app, strings.Fields(tt.in)), " "); got != tt.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", tt.in, got, tt.want)
		}
	}
}
