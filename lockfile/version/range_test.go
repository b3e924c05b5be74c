package version_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/version"
)

func TestNewest(t *testing.T) {
	nginx := "latest alpine stable 1 1.26 1.26.0 1.26.3 1.27 1.27.0 1.27.1 1.27.9 1.27.10 1.28 1.28.0 1.28.0-rc1 " +
		"1.27-alpine 1.27.2-alpine 1.27.3-alpine 1.27.5-alpine3.20 1.27.6-alpine3.20 1.27.6-alpine3.21 1.29.0-perl " +
		"v1.27.0 v1.27.4 v1.28.1"
	tests := []struct {
		name, rang, present, tags, want string
	}{
		{"the newest, by number and not by letter", "~1.27", "1.27.0", nginx, "1.27.10"},
		{"an equal one of the same form", "^1", "1.26", "1 1.26 1.26.0 1.27 1.27.0", "1.27"},
		{"an equal one of the same form, exact", "^1", "1.26.0", "1.26 1.26.0 1.27 1.27.0", "1.27.0"},
		{"an equal one of another form where there is none of the same", "^1", "1.26", "1 1.26.0 1.27.0", "1.27.0"},
		{"the newest already", "~1.27", "1.27.10", nginx, "1.27.10"},
		{"the newest already, in another form", "~1.28", "1.28.0", nginx, "1.28.0"},
		{"never down in the range", "^1", "1.30.0", nginx, "1.30.0"},
		{"down into the range from outside", "~1.27", "1.28.0", nginx, "1.27.10"},
		{"up into the range from outside", "~1.27", "1.26.3", nginx, "1.27.10"},

		{"the v prefix is kept", "~1.27", "v1.27.0", nginx, "v1.27.4"},
		{"a variant is kept", "^1", "1.27-alpine", nginx, "1.27.3-alpine"},
		{"a variant with a version", "^1", "1.27.5-alpine3.20", nginx, "1.27.6-alpine3.20"},
		{"a variant of three words", "^1", "1.0.0-jdk-21-slim", "1.1.0-jdk-21-slim 1.2.0-jdk-22-slim 1.3.0-jdk-21", "1.1.0-jdk-21-slim"},
		{"a revision counts", "^1", "1.0.0-debian-12-r3", "1.1.0-debian-12-r3 1.2.0-debian-12-r4 1.3.0-debian-12", "1.2.0-debian-12-r4"},
		{"the version before the revision", "^16", "16.3.0-debian-12-r5", "16.3.0-debian-12-r12 16.4.0-debian-12-r1", "16.4.0-debian-12-r1"},
		{"revisions by number", "^16", "16.3.0-debian-12-r5", "16.3.0-debian-12-r9 16.3.0-debian-12-r12", "16.3.0-debian-12-r12"},
		{"never down to an older revision", "^16", "16.3.0-debian-12-r5", "16.3.0-debian-12-r4 16.2.0-debian-12-r9", "16.3.0-debian-12-r5"},
		{"a revision of another variant", "^16", "16.3.0-debian-12-r5", "16.3.0-debian-13-r6 16.3.0-r7", "16.3.0-debian-12-r5"},
		{"no revision to one with", "^16", "16.3.0-debian-12", "16.3.0-debian-12-r12 16.4.0-debian-12-r1", "16.3.0-debian-12"},
		{"a revision alone", "^1", "v1.29.1-k3s1", "v1.29.1-k3s2 v1.29.4-k3s1 v1.29.4-rke2r1", "v1.29.4-k3s1"},
		{"a revision with a point", "^1", "v1.10.1-eksbuild.4", "v1.10.1-eksbuild.10 v1.11.0-eks.2", "v1.10.1-eksbuild.10"},
		{"a revision before a variant is a variant", "^1", "1.0.0-r1-alpine", "1.1.0-r2-alpine 1.0.1-r1-alpine", "1.0.1-r1-alpine"},
		{"a number is a variant", "^3", "3.9.0-21", "3.9.1-21 3.9.2-22", "3.9.1-21"},
		{"a build is kept", "^1", "1.0.0_a", "1.1.0_a 1.2.0_b 1.3.0", "1.1.0_a"},
		{"an unknown word is a variant", "^1", "1.0.0", "1.1.0-fips 1.0.5", "1.0.5"},
		{"a bare dev is a variant", "^1", "1.0.0-dev", "1.1.0-dev 1.2.0", "1.1.0-dev"},

		{"no pre-release", "~1.28", "1.28.0", "1.28.0 1.28.1-rc1 1.28.2-beta 1.28.3-alpha.1 1.28.4-SNAPSHOT 1.28.5-M1 " +
			"1.28.6-preview.2 1.28.7-dev.3 1.28.8-nightly.20260101 1.28.9-canary.1 1.28.10rc1 1.28.11-pre2 1.28.12-rc-1", "1.28.0"},
		{"a pre-release if the range names one", "~1.28.0-0", "1.28.0-rc1", "1.28.0-rc1 1.28.0-rc9 1.28.0-rc10 1.27.0", "1.28.0-rc10"},
		{"the release after its pre-releases", "~1.28.0-0", "1.28.0-rc1", "1.28.0-rc2 1.28.0", "1.28.0"},
		{"from a pre-release to the release", "~1.28", "1.28.0-rc1", "1.28.0-rc2 1.28.0", "1.28.0"},
		{"a pre-release with a variant", "~3.14.0-0", "3.14.0b2-slim", "3.14.0b10-slim 3.14.0rc1-slim 3.14.0rc3", "3.14.0rc1-slim"},
		{"a pre-release whose number stands apart", "~1.0.0-0", "1.0.0-rc-1", "1.0.0-rc-2 1.0.0-rc-10", "1.0.0-rc-10"},

		{"a date is no version", ">=3", "3.19", "3.19 3.20 20240923", "3.20"},
		{"dates among themselves", ">=20240101", "20240109", "3.20 20240329 20240923", "20240923"},
		{"four numbers are no version", "^1", "1.2.3", "1.2.4.1 1.2.4", "1.2.4"},
		{"zeros before numbers", "*", "2024.01.15", "2024.02.01 2024.1.20", "2024.02.01"},
		{"either range", "~1.26 || ~1.27", "1.26.0", nginx, "1.27.10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := version.ParseRange(tt.rang)
			if err != nil {
				t.Fatal(err)
			}
			tags := strings.Fields(tt.tags)
			for range 2 { // the order in which a registry serves its tags decides nothing
				got, err := r.Newest(tt.present, tags)
				if err != nil || got != tt.want {
					t.Errorf("Newest(%q) = %q, %v; want %q", tt.present, got, err, tt.want)
				}
				slices.Reverse(tags)
			}
		})
	}
}

func TestNewestFindsNone(t *testing.T) {
	tests := []struct{ name, present, tags, want string }{
		{"no version", "latest", "1.27.0", `cannot follow the range ~1.27: the tag "latest" is not a version`},
		{"no tags", "1.26.0", "", "has no tag in the range ~1.27 (0 tags, 0 of them like 1.26.0)"},
		{"none in the range", "1.26.0", "latest 1.26.0 1.26.1 1.28.0-alpine",
			"has no tag in the range ~1.27 (4 tags, 2 of them like 1.26.0, the newest 1.26.1)"},
		{"only with another prefix", "1.26.0", "v1.27.0", "has no tag in the range ~1.27 (1 tag, 0 of them like 1.26.0)"},
		{"only pre-releases", "1.26.0", "1.27.0-rc1",
			"has no tag in the range ~1.27 (1 tag, 1 of them like 1.26.0, the newest 1.27.0-rc1)"},
	}
	r, err := version.ParseRange("~1.27")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := r.Newest(tt.present, strings.Fields(tt.tags))
			if err == nil {
				t.Fatalf("got %q", got)
			}
			if err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			var none *version.NoneError
			var other *version.NotComparableError
			if !errors.As(err, &none) && !errors.As(err, &other) {
				t.Errorf("a caller cannot tell what kind of error %#v is", err)
			}
		})
	}
}

// TestStays has tags that are left behind, and tags that are not.
func TestStays(t *testing.T) {
	tests := []struct{ name, present, tags, newer string }{
		{"the variant's number is another", "1.27.5-alpine3.20", "1.27.5-alpine3.20 1.27.4-alpine3.20 1.28.0-alpine3.21 1.29.0-perl", "1.28.0-alpine3.21"},
		{"the variant's number is another, with a revision", "1.6.3-debian-12-r5", "1.6.3-debian-12-r5 1.6.4-debian-13-r1", "1.6.4-debian-13-r1"},
		{"the prefix is another", "1.2.0", "1.1.0 1.2.0 v1.3.0 v1.4.0", "v1.4.0"},
		{"no other tag is like it", "1.2.0-fips", "1.2.0-fips 1.3.0", "1.3.0"},
		{"it is not there any more, nor one like it", "1.2.0-fips", "1.3.0", "1.3.0"},

		{"it moves", "1.27.5-alpine3.20", "1.27.6-alpine3.20 1.28.0-alpine3.21", ""},
		{"it is the newest", "1.28.0-alpine3.21", "1.27.5-alpine3.20 1.28.0-alpine3.21", ""},
		{"the same version in another variant", "1.28.0-alpine3.20", "1.28.0-alpine3.20 1.28.0-alpine3.21", ""},
		{"other variants beside its own", "1.2.0", "1.1.0 1.2.0 1.3.0-fips", ""},
		{"out of the range", "1.2.0-fips", "1.2.0-fips 2.3.0", ""},
		{"a pre-release", "1.2.0-fips", "1.2.0-fips 1.3.0-rc1", ""},
		{"no version", "latest", "1.3.0", ""},
		{"no other tag", "1.2.0", "1.2.0 latest", ""},
	}
	r, err := version.ParseRange("^1")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		tags := strings.Fields(tt.tags)
		for range 2 {
			err := r.Stays(tt.present, tags)
			var stays *version.StaysError
			switch {
			case (err != nil) != (tt.newer != ""):
				t.Errorf("%s: %v, want %q", tt.name, err, tt.newer)
			case err != nil && (!errors.As(err, &stays) || stays.Newer != tt.newer || !strings.Contains(err.Error(), "newer tag "+tt.newer+" has")):
				t.Errorf("%s: %v, want %q", tt.name, err, tt.newer)
			}
			slices.Reverse(tags)
		}
	}
}

func TestOneBuild(t *testing.T) {
	for _, tag := range []string{"16.3.0-debian-12-r5", "v1.29.4-k3s1", "3.1.2-ls45", "RELEASE.2024-01-31T20-20-33Z", "20240131", "bookworm-20240110",
		"2024-01-31", "20240131.1", "20240131-1530", "main-1f3c9ab", "sha-1f3c9ab", "1f3c9ab", "v1.2.3-5-g1f3c9ab", "0123456789012345678901234567890123456789"} {
		if !version.OneBuild(tag) {
			t.Errorf("%q is not one build", tag)
		}
	}
	for _, tag := range []string{"", "latest", "1", "v1.2", "1.27.3", "16.3.0-debian-12", "jammy", "1.27-alpine3.20", "defaced", "main-defaced", "1234567",
		"99999999", "21-jdk", "3.9-11", "r5", "main", "2024.01.15", "20991399"} {
		if version.OneBuild(tag) {
			t.Errorf("%q is one build", tag)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tag := range []string{"1", "v1", "1.2", "v1.2.3", "1.2.3-rc.1", "1.2.3-x_y", "2024.01.15", "3.14.0rc1"} {
		got, ok := version.Parse(tag)
		if !ok || got.String() != tag {
			t.Errorf("Parse(%q) = %v, %v", tag, got, ok)
		}
	}
	for _, tag := range []string{"", "latest", "v", "V1.2", "1.", ".1", "1.2.3.4", "1.2.3w", "release-1.2", "sha-abc", "1.x",
		"99999999999999999999", "1.27.alpine"} {
		if got, ok := version.Parse(tag); ok {
			t.Errorf("Parse took %q for %v", tag, got)
		}
	}
}

func TestParseRange(t *testing.T) {
	for _, s := range []string{"~1.27", "^2", ">=1 <3", "1.2.x", "1.2 - 1.4", "~1 || ~3", "*", "=1.27.0", ">=1.0.0-0"} {
		if r, err := version.ParseRange(s); err != nil || r.String() != s || r.IsZero() {
			t.Errorf("ParseRange(%q) = %v, %v", s, r, err)
		}
	}
	for _, s := range []string{"", " ", "latest", "~", "1.2.3.4", ">>1", "~1.27 |", strings.Repeat("1", 600)} {
		if r, err := version.ParseRange(s); err == nil {
			t.Errorf("ParseRange took %q for %v", s, r)
		}
	}
	one, _ := version.Parse("1.0.0")
	if (version.Range{}).Contains(one) || !(version.Range{}).IsZero() {
		t.Error("the zero Range holds something")
	}
	anything, err := version.ParseRange("*")
	if err != nil || !anything.Contains(one) || anything.Contains(version.Tag{}) {
		t.Errorf("* holds 1.0.0 and no zero Tag: %v", err)
	}
}

func FuzzNewest(f *testing.F) {
	f.Add("~1.27", "1.27.0", "1.27.0 1.27.1 1.28.0-rc1 latest")
	f.Add("^1", "v1-alpine", "v1.2-alpine v1_x 1")
	f.Add("*", "3.14.0b2", "3.14.0 20240101")
	f.Fuzz(func(t *testing.T, rang, present, list string) {
		r, err := version.ParseRange(rang)
		if err != nil {
			return
		}
		tags := strings.Fields(list)
		got, err := r.Newest(present, tags)
		if err != nil {
			return
		}
		if got != present && !slices.Contains(tags, got) {
			t.Fatalf("%q is no tag", got)
		}
		tag, ok := version.Parse(got)
		if !ok || !r.Contains(tag) {
			t.Fatalf("%q is not in %q", got, rang)
		}
		if again, err := r.Newest(got, tags); err != nil || again != got {
			t.Fatalf("from %q it goes on to %q, %v", got, again, err)
		}
	})
}
