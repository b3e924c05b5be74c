package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestTagsInPages lists 10,000 tags, with pages as long as requested and shorter
// ones.
func TestTagsInPages(t *testing.T) {
	const tags = 10_000
	for perPage, pages := range map[int]int{0: 10, 300: 34, tags: 10} {
		s := registrytest.New(t, registrytest.Options{Token: true, TagsPerPage: perPage})
		s.PushImage("acme/api", "t00000", 1)
		want := []string{"t00000"}
		for i := 1; i < tags; i++ {
			tag := fmt.Sprintf("t%05d", i)
			s.MoveTag("acme/api", tag, "t00000")
			want = append(want, tag)
		}
		got, err := newClient(t, registry.Options{}).Tags(t.Context(), named(s, "acme/api", "any"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tags (-want +got):\n%s", diff)
		}
		if n := s.Count("/tags/list"); n != pages || s.Count("") != pages+2 {
			t.Errorf("%d pages of %d requests, want %d and a token", n, s.Count(""), pages)
		}
	}
}

// TestTagPages has pages that are accepted and similar ones that are not.
func TestTagPages(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := []struct {
		name, body string
		want       string // the tags with commas, or the error
	}{
		{"some", `{"name":"acme/api","tags":["v2","v1","_x.Y-z"]}`, "v2,v1,_x.Y-z"},
		{"none", `{"name":"acme/api","tags":[]}`, ""},
		{"null", `{"name":"acme/api","tags":null}`, ""},
		{"the longest", `{"tags":["` + long + `"]}`, long},
		{"too long", `{"tags":["` + long + `a"]}`, "invalid tag"},
		{"with a line end", `{"tags":["v1\n"]}`, `invalid tag "v1"`},
		{"with a blank", `{"tags":["v1 # x"]}`, "invalid tag"},
		{"empty", `{"tags":[""]}`, `invalid tag ""`},
		{"a digest", `{"tags":["` + emptyDigest + `"]}`, "invalid tag"},
		{"numbers", `{"tags":[1]}`, "not a list of tags"},
		{"a login page", `<html>`, "not a list of tags"},
		{"something else", `{"errors":[]}`, "not a list of tags"},
		{"nothing", ``, "not a list of tags"},
		{"4 MiB", `{"tags":["v1"]}` + strings.Repeat(" ", 4<<20-15), "v1"},
		{"more than 4 MiB", `{"tags":["v1"]}` + strings.Repeat(" ", 4<<20-14), "the page of tags is longer than 4 MiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name := serve(t, response{body: test.body}.ServeHTTP)
			got, err := newClient(t, registry.Options{}).Tags(t.Context(), name)
			if err == nil {
				if strings.Join(got, ",") != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
				return
			}
			var e *registry.Error
			at := "GET http://" + name.Host + "/v2/acme/api/tags/list: "
			if !errors.As(err, &e) || e.NotFound() || !strings.HasPrefix(err.Error(), at) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if test.want == "" || got != nil {
				t.Errorf("an error and %q", got)
			}
		})
	}
}

// TestTagLinks has the links that a first page can have. The second page lists v2.
func TestTagLinks(t *testing.T) {
	const list = "/v2/acme/api/tags/list"
	tests := []struct {
		name string
		link []string // of the first page; HOST is the registry's
		want string   // the tags with commas, or the error
	}{
		{"none", nil, "v1"},
		{"relative", []string{"<" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"relative to the list", []string{`<list?last=v1>; rel="next"`}, "v1,v2"},
		{"query only", []string{`<?last=v1>; rel="next"`}, "v1,v2"},
		{"absolute", []string{"<http://HOST" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"absolute, of who takes itself to have TLS", []string{"<https://HOST" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"without a scheme", []string{"<//HOST" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"no quotes", []string{"<" + list + "?last=v1>;rel=next"}, "v1,v2"},
		{"other letters and blanks", []string{"<" + list + "?last=v1> ; REL = \"NEXT\""}, "v1,v2"},
		{"more relations", []string{"<" + list + "?last=v1>; rel=\"last next\""}, "v1,v2"},
		{"more parameters", []string{"<" + list + `?last=v1>; title="a, \"b; rel=prev"; rel="next"`}, "v1,v2"},
		{"a comma in the query", []string{"<" + list + "?last=v1,x>; rel=\"next\""}, "v1,v2"},
		{"second of two", []string{"<" + list + "?last=v0>; rel=\"prev\", <" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"of two headers", []string{"<" + list + "?last=v0>; rel=\"prev\"", "<" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"another relation", []string{"<" + list + "?last=v1>; rel=\"prev\""}, "v1"},
		{"no relation", []string{"<" + list + "?last=v1>"}, "v1"},
		{"no link", []string{`garbage; rel="next"`}, "v1"},
		{"the name behind a proxy", []string{"<http://registry.internal:8080" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"without the port", []string{"<http://127.0.0.1" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"the path behind a proxy", []string{"</docker" + list + "?last=v1>; rel=\"next\""}, "v1,v2"},
		{"another page behind a proxy", []string{"<http://example.com/?last=v1&secret=1>; rel=\"next\""}, "the next page of tags is not one of this repository: http://example.com/"},
		{"another repository", []string{`</v2/acme/other/tags/list?last=v1>; rel="next"`}, "is not one of this repository"},
		{"another API", []string{`</v2/_catalog?last=v1>; rel="next"`}, "is not one of this repository"},
		{"by way of a folder", []string{`</v2/acme/api/../other/tags/list?last=v1>; rel="next"`}, "is not one of this repository"},
		{"the first page", []string{"<" + list + ">; rel=\"next\""}, "is the first one"},
		{"a loop of one", []string{"<" + list + "?n=1000>; rel=\"next\""}, "is an earlier one"},
		{"a loop of two", []string{"<" + list + "?last=back>; rel=\"next\""}, "is an earlier one"},
		{"no URL", []string{"<%zz>; rel=\"next\""}, "malformed URL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name := serve(t, func(w http.ResponseWriter, r *http.Request) {
				last, link := r.URL.Query().Get("last"), test.link
				body := `{"tags":["v1"]}`
				switch {
				case r.URL.Path != list:
					t.Errorf("unexpected request for %s", r.URL)
				case last == "back":
					link = []string{"<?n=1000>; rel=\"next\""}
				case last != "":
					body, link = `{"tags":["v2"]}`, nil
				}
				for _, l := range link {
					w.Header().Add("Link", strings.ReplaceAll(l, "HOST", r.Host))
				}
				fmt.Fprint(w, body)
			})
			got, err := newClient(t, registry.Options{}).Tags(t.Context(), name)
			if err == nil {
				if strings.Join(got, ",") != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
				return
			}
			var e *registry.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") || got != nil {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// TestFewerTags has registries that return at most so many tags at once, and say so with
// 400, and one that rejects any number.
func TestFewerTags(t *testing.T) {
	for most, want := range map[int]string{1000: "v1,v2", 100: "v1,v2", 1: "400 TOO_MANY"} {
		var asked []string
		name := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.RawQuery)
			if n, _ := strconv.Atoi(r.URL.Query().Get("n")); n > most {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"errors":[{"code":"TOO_MANY"}]}`)
				return
			}
			if r.URL.Query().Get("last") == "" {
				w.Header().Set("Link", `<?n=1&last=v1>; rel="next"`)
				fmt.Fprint(w, `{"tags":["v1"]}`)
				return
			}
			fmt.Fprint(w, `{"tags":["v2"]}`)
		})
		got, err := newClient(t, registry.Options{}).Tags(t.Context(), name)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && strings.Join(got, ",") != want {
			t.Errorf("at most %d: %q, %v, want %q", most, got, err, want)
		}
		if first := asked[0]; first != "n=1000" {
			t.Errorf("at most %d: the first request is for %s", most, first)
		}
	}
}

// TestTagsWithoutEnd has registries that always have one more page.
func TestTagsWithoutEnd(t *testing.T) {
	many := strings.Repeat(`"v1",`, 100_000) + `"v1"`
	for tags, want := range map[string]string{
		`"v1"`: "more than 2000 pages of tags",
		``:     "more than 2000 pages of tags",
		many:   "more than 500000 tags",
	} {
		name := serve(t, func(w http.ResponseWriter, r *http.Request) {
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			w.Header().Set("Link", fmt.Sprintf(`<?page=%d>; rel="next"`, page+1))
			fmt.Fprintf(w, `{"tags":[%s]}`, tags)
		})
		got, err := newClient(t, registry.Options{}).Tags(t.Context(), name)
		if err == nil || !strings.Contains(err.Error(), want) || got != nil {
			t.Errorf("%d tags, %v, want %q", len(got), err, want)
		}
	}
}

// TestTagsFail has a list that ends in the middle, and one that is not there.
func TestTagsFail(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TagsPerPage: 1})
	for i := range 3 {
		s.PushImage("acme/api", fmt.Sprintf("v%d", i), 1)
	}
	c := newClient(t, registry.Options{})
	if _, err := c.Tags(t.Context(), named(s, "acme/other", "")); !notFound(err) {
		t.Errorf("another repository: %v", err)
	}
	pages := 0
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		if pages++; pages == 2 {
			return registrytest.Drop(w, r)
		}
		return pages == 5 && registrytest.Refuse(http.StatusForbidden, "")(w, r)
	})
	if got, err := c.Tags(t.Context(), named(s, "acme/api", "")); len(got) != 3 || err != nil {
		t.Errorf("a page that is dropped once: %q, %v", got, err)
	}
	if got, err := c.Tags(t.Context(), named(s, "acme/api", "")); len(got) != 0 || err == nil {
		t.Errorf("a page that is refused: %q, %v", got, err)
	}
}

// notFound reports whether err says that something is not there.
func notFound(err error) bool {
	var e *registry.Error
	return errors.As(err, &e) && e.NotFound()
}
