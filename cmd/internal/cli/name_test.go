package cli

import "testing"

func TestInvokedAs(t *testing.T) {
	tests := []struct{ arg0, want string }{
		{"plumb", "plumb"},
		{"/usr/local/bin/plumb", "plumb"},
		{"plumb.exe", "plumb"},
		{"plumb-1.2", "plumb"},
		{"", "plumb"},
		{"kubectl-plumb", "kubectl plumb"},
		{"/opt/bin/kubectl-plumb", "kubectl plumb"},
		{"/opt/bin/kubectl-plumb.exe", "kubectl plumb"},
		{"kubectl-plumb.EXE", "kubectl plumb"},
		{"/opt/kubectl-plumb/plumb", "plumb"},
		{"kubectl-plumbing", "plumb"},
	}
	for _, tt := range tests {
		if got := InvokedAs([]string{tt.arg0, "kubectl-plumb"}); got != tt.want {
			t.Errorf("InvokedAs(%q) = %q, want %q", tt.arg0, got, tt.want)
		}
	}
}

func TestSpoken(t *testing.T) {
	s := &IO{}
	s.SpeakAs("kubectl plumb", testApp())
	tests := []struct{ text, want string }{
		{"to pin it: plumb lock a.yaml", "to pin it: kubectl plumb lock a.yaml"},
		{"plumb lock; plumb verify", "kubectl plumb lock; kubectl plumb verify"},
		{"for help: kubectl plumb lock --help", "for help: kubectl plumb lock --help"},
		{"for help: plumb --help", "for help: kubectl plumb --help"},
		{"(plumb verify -)", "(kubectl plumb verify -)"},
		{"plumb: unknown command", "plumb: unknown command"},
		{"plumb locks what it finds", "plumb locks what it finds"},
		{"plumb.lock", "plumb.lock"},
		{"aplumb lock", "aplumb lock"},
	}
	for _, tt := range tests {
		if got := s.Spoken(tt.text); got != tt.want {
			t.Errorf("spoken(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
	own := &IO{}
	own.SpeakAs("plumb", testApp())
	if got := own.Spoken("plumb lock"); got != "plumb lock" {
		t.Errorf("under its own name, spoken changes the text to %q", got)
	}
}
