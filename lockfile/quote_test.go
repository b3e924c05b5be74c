package lockfile

import (
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func TestAppendScalar(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"},
		{"127.0.0.1:5000/app:v1", "127.0.0.1:5000/app:v1"},
		{"https://example.com/#anchor", "https://example.com/#anchor"},
		{"it's {all} [right], \"so\"", "it's {all} [right], \"so\""},
		{"1a2b", "1a2b"},
		{"nullable", "nullable"},
		{"falsey", "falsey"},
		{"", `""`},
		{"null", `"null"`},
		{"NO", `"NO"`},
		{"~", `"~"`},
		{"12", `"12"`},
		{"12e34", `"12e34"`},
		{"0b101", `"0b101"`},
		{"0x1f", `"0x1f"`},
		{"2026-11-21", `"2026-11-21"`},
		{"1:30", `"1:30"`},
		{"-x", `"-x"`},
		{"*x", `"*x"`},
		{"&x", `"&x"`},
		{"!x", `"!x"`},
		{"%x", `"%x"`},
		{"@x", `"@x"`},
		{"'x'", `"'x'"`},
		{"[x]", `"[x]"`},
		{"<<", `"<<"`},
		{"=", `"="`},
		{"a: b", `"a: b"`},
		{"a:", `"a:"`},
		{"a #b", `"a #b"`},
		{"a ", `"a "`},
		{" a", `" a"`},
		{`say "\"`, `say "\"`},
		{`"a"`, `"\"a\""`},
		{"a\tb", `"a\u0009b"`},
		{"a\nb", `"a\u000ab"`},
		{"\u0430cme", `"\u0430cme"`}, // the Cyrillic letter
		{"a\U0001f600", `"a\U0001f600"`},
	} {
		got := string(appendScalar(nil, c.in))
		if got != c.want {
			t.Errorf("%q is written as %s, want %s", c.in, got, c.want)
		}
		checkYAML(t, c.in, got)
		if got[0] != '"' {
			continue
		}
		if back, ok := unquote(got); !ok || back != c.in {
			t.Errorf("%s reads as %q (%v), want %q", got, back, ok, c.in)
		}
	}
}

// checkYAML checks that a YAML reader takes the scalar for the text.
func checkYAML(t *testing.T, text, scalar string) {
	t.Helper()
	var got map[string]any
	if err := yaml.Unmarshal([]byte("key: "+scalar+"\nnext: 1\n"), &got); err != nil || got["key"] != any(text) || got["next"] != 1 {
		t.Errorf("%q is written as %s, which YAML reads as %v (%v)", text, scalar, got, err)
	}
}

func TestUnquoteRefuses(t *testing.T) {
	for _, s := range []string{``, `"`, `a`, `"a`, `a"`, `"\"`, `"\n"`, `"\u12"`, `"\u12zz"`, `"\u+123"`, `"\ud800"`, `"\U00110000"`, `"\Uffffffff"`} {
		if text, ok := unquote(s); ok {
			t.Errorf("%s reads as %q", s, text)
		}
	}
}

func FuzzScalar(f *testing.F) {
	for _, s := range []string{"", "a: b", "null", "1e3", "0b1", "a #", "\u2028", "\U0001f600\"\\", "12/3", "1_000a", "- x", "ghcr.io/a:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		scalar := string(appendScalar(nil, s))
		for i := range len(scalar) {
			if scalar[i] < ' ' || scalar[i] > '~' {
				t.Fatalf("%q is written as %q", s, scalar)
			}
		}
		if scalar[0] == '"' {
			if back, ok := unquote(scalar); !ok || back != s {
				t.Errorf("%s reads as %q (%v), want %q", scalar, back, ok, s)
			}
		}
		checkYAML(t, s, scalar)
	})
}
