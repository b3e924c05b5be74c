package admission_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
)

// TestText: an object is judged by its images, whatever else its text has.
func TestText(t *testing.T) {
	s := load(t, versionOf(3, nil))
	texts := []string{`"a":"\/x"`, `"a":"\ud83d\ude00"`, `"a":"\ud83d"`, `"a":"\ude00x"`, `"a":"\u0000"`,
		`"a":"\u0001\u001f\u007f\b\f"`, `"":"x"`, `"<<":"x"`, `"<<":{"image":"x"}`,
		`"y":"no","1":"x","~":"n","null":"z"`, `"*a":"&b","!x":"!!binary aa","- a":"? b"`,
		`"a":"!!binary binary"`, `"a #b":"c: d","e:f":"{}","[":"]"`,
		`"a":"{{ .x }} {% x %} ${FOO} $(BAR)"`, `"a":"\n---\n","---":"..."`, `"a":1e999,"b":-0,"c":1E+2`,
		`"` + strings.Repeat("k", 2000) + `":"v"`, `"` + strings.Repeat("k", 200_000) + `":{"a":1}`}
	for _, c := range []string{"\u0080", "caf\u00e2\u0080\u0099s", "\u007f", "\u0085", "\u2028", "\u2029",
		"\ufeff", "\ufffe", "\uffff", "\U0001f600", "\u00a0", "\ufffd"} {
		texts = append(texts, fmt.Sprintf(`"%[1]s":"%[1]s"`, c))
	}
	for _, text := range texts {
		for _, where := range []string{
			`{"metadata":{"annotations":{%s},"name":"web"},"kind":"Pod","apiVersion":"v1","spec":%s}`,
			`{"apiVersion":"acme.example/v1","kind":"Widget","x":{%s},"spec":%s}`,
		} {
			for image, rule := range map[string]string{imageOf(1): "", "nginx:1.27": verify.Unpinned} {
				o := []byte(fmt.Sprintf(where, text, podSpec(image)))
				if d := s.Review(create(o), admission.Rules{}, time.Now()); d.Rule != rule ||
					d.Allowed != (rule == "") {
					t.Errorf("%.40q with %s: allowed %v by %q: %s", text, image, d.Allowed, d.Rule,
						d.Message)
				}
			}
		}
	}
}
