package config

import (
	"bytes"
	"errors"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// FuzzParse checks that Parse answers whatever it is given, with errors that
// point into the file.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", head, head + "include: [a]\n", head + "name: ä\u2028\n", "\ufeff" + head + "pin: x\n", "a: &a [*a]\n",
		head + "exceptions:\n  - {path: a, reason: r, owner: o, expires: 2027-01-31}\n", head + "---\n- x\n", "? [a]\n: b\n",
		head + "registries: {ghcr.io: {concurrency: 3}}\n", head + "fields:\n- path: a.b[].c\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f", data)
		if err == nil {
			if c.Pin == "" {
				t.Errorf("Parse(%q) gives no Pin", data)
			}
			return
		}
		var all yaml.ErrorList
		if !errors.As(err, &all) || len(all) == 0 {
			t.Fatalf("Parse's error is %#v, want a yaml.ErrorList", err)
		}
		lines := 1 + bytes.Count(data, []byte("\n"))
		for _, e := range all {
			if e.Line < 1 || e.Column < 1 || e.Line > lines || e.Msg == "" {
				t.Errorf("Parse(%q) points at %d:%d of %d lines: %s", data, e.Line, e.Column, lines, e.Msg)
			}
		}
	})
}
