package manifest

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// offer is a text that fills placeholders elsewhere: a parameter's value or default, an
// element of a generator, a substitution.
type offer struct {
	owner string // whose it is: "Task/build"
	to    string // whose placeholders it fills; owner itself, or another
	name  string // that a placeholder calls it by
	text  string

	offset       int // while the file is scanned
	line, column int
}

// Names of offers that are none of a placeholder.
const (
	anyName    = "*"          // a source of values that plumb cannot follow; text says which
	filesName  = "*files"     // text is a glob of files with elements
	sourceName = "*configMap" // text names a ConfigMap whose data are substitutions
)

// fluxScope is who fills the placeholders in what a Flux Kustomization applies; its path
// follows.
const fluxScope = "flux:"

// scopeOf names an object for placeholders.
func scopeOf(kind, name string) string { return kind + "/" + name }

// offered collects what the object root offers to placeholders.
func (f *finder) offered(root *yaml.Node) {
	self := scopeOf(f.res.kind, f.res.name)
	switch group := f.res.group; {
	case f.text != f.file:
	case group == "tekton.dev", group == "triggers.tekton.dev",
		group == "argoproj.io" && strings.Contains(f.res.kind, "Workflow"):
		f.offerParams(root, self, self, 0)
	case group == "argoproj.io" && f.res.kind == "ApplicationSet":
		f.generators(at(root, "spec", "generators"), self, 0)
	case f.res.kind == "Template" && get(root, "objects") != nil:
		items(get(root, "parameters"), func(_ int, p *yaml.Node) {
			f.offerTo(self, "Template", field(p, "name"), get(p, "value"))
		})
	case group == "kustomize.toolkit.fluxcd.io" && f.res.kind == "Kustomization":
		f.offerSubstitutions(get(root, "spec"), self)
	case group == "" && f.res.kind == "ConfigMap":
		f.offerEntries(get(root, "data"), self, self, "")
	}
}

// offerTo notes an offer, if v is a short text.
func (f *finder) offerTo(owner, to, name string, v *yaml.Node) {
	t := target(v)
	if t == nil || t.Kind != yaml.Scalar || name == "" || len(t.Value) > maxName ||
		strings.ContainsAny(t.Value, "\r\n") {
		return
	}
	f.offers = append(f.offers, offer{owner: owner, to: to, name: name, text: t.Value,
		offset: f.text.offset(v.Start)})
}

// offerEntries notes the scalars of a mapping, nested ones under their path.
func (f *finder) offerEntries(m *yaml.Node, owner, to, prefix string) {
	m = target(m)
	if m == nil || m.Kind != yaml.Mapping || strings.Count(prefix, ".") > 8 {
		return
	}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if scalarText(k.Next) {
			f.offerTo(owner, to, prefix+k.Value, k.Next)
		} else if prefix != "" || f.res.kind == "ApplicationSet" {
			f.offerEntries(k.Next, owner, to, prefix+k.Value+".")
		}
	}
}

// referrers are the fields that name an object which the parameters beside them are for,
// with that object's kind.
var referrers = map[string]string{
	"taskRef": "Task", "pipelineRef": "Pipeline", "workflowTemplateRef": "WorkflowTemplate",
	"templateRef": "WorkflowTemplate", "ref": "StepAction",
}

// offerParams notes the parameters below n: to what a mapping refers to by name, else to
// the object itself.
func (f *finder) offerParams(n *yaml.Node, self, to string, depth int) {
	n = target(n)
	if n == nil || depth > 60 || len(f.offers) > maxVisits {
		return
	}
	switch n.Kind {
	case yaml.Sequence:
		for c := n.FirstChild; c != nil; c = c.Next {
			f.offerParams(c, self, to, depth+1)
		}
	case yaml.Mapping:
		if name := field(n, "name"); name != "" {
			for _, key := range [...]string{"default", "value"} {
				if v := get(n, key); v != nil {
					f.offerTo(self, to, name, v)
				}
			}
		}
		other := referred(n)
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			inner := to
			if other != "" && (k.Value == "params" || k.Value == "arguments") {
				inner = other
			}
			if target(k.Next) == k.Next && k.Next.Kind != yaml.Scalar {
				f.offerParams(k.Next, self, inner, depth+1)
			}
		}
	}
}

// referred is the object that a mapping's parameters are for, or "".
func referred(m *yaml.Node) string {
	for key, kind := range referrers {
		ref := get(m, key)
		name := field(ref, "name")
		if name == "" {
			continue
		}
		if k := field(ref, "kind"); k != "" {
			kind = k
		}
		if field(ref, "clusterScope") == "true" {
			kind = "Cluster" + kind
		}
		return scopeOf(kind, name)
	}
	return ""
}

// generators notes the elements of an ApplicationSet's generators.
func (f *finder) generators(list *yaml.Node, self string, depth int) {
	items(list, func(_ int, g *yaml.Node) {
		g = target(g)
		if g.Kind != yaml.Mapping || depth > 4 {
			return
		}
		for k := g.FirstChild; k != nil; k = k.Next.Next {
			f.offerEntries(get(k.Next, "values"), self, self, "values.")
			switch k.Value {
			case "selector", "template", "values":
			case "list":
				items(get(k.Next, "elements"), func(_ int, e *yaml.Node) {
					f.offerEntries(e, self, self, "")
				})
				if get(k.Next, "elementsYaml") != nil {
					f.offerUnknown(self, k, "elementsYaml of a list generator")
				}
			case "matrix", "merge":
				f.generators(get(k.Next, "generators"), self, depth+1)
			case "git":
				items(get(k.Next, "files"), func(_ int, e *yaml.Node) {
					glob := field(e, "path")
					f.offers = append(f.offers, offer{owner: self, to: self, name: filesName,
						text: glob, offset: f.text.offset(k.Start)})
					f.use(e, "/"+glob, asText)
				})
			default:
				f.offerUnknown(self, k, "a "+k.Value+" generator")
			}
		}
	})
}

func (f *finder) offerUnknown(self string, at *yaml.Node, what string) {
	f.offers = append(f.offers, offer{owner: self, to: self, name: anyName, text: what,
		offset: f.text.offset(at.Start)})
}

// offerSubstitutions notes what a Flux Kustomization substitutes in what it applies.
func (f *finder) offerSubstitutions(spec *yaml.Node, self string) {
	post := get(spec, "postBuild")
	if post == nil {
		return
	}
	to := fluxScope + strings.Trim(field(spec, "path"), "./")
	f.offerEntries(get(post, "substitute"), self, to, "")
	f.offers = append(f.offers, offer{owner: self, to: to, name: anyName})
	items(get(post, "substituteFrom"), func(_ int, from *yaml.Node) {
		if field(from, "kind") == "ConfigMap" {
			f.offerTo(self, to, sourceName, get(from, "name"))
		}
	})
}

// place gives the offers their lines and columns.
func (f *finder) placeOffers() []offer {
	slices.SortStableFunc(f.offers, func(a, b offer) int { return a.offset - b.offset })
	pos := positions{src: f.file.src}
	for i := range f.offers {
		o := &f.offers[i]
		o.line, o.column = pos.of(o.offset)
		o.offset = 0
		clone(&o.owner, &o.to, &o.name, &o.text)
	}
	return f.offers
}

func appendOffers(b []byte, offers []offer) []byte {
	b = binary.AppendUvarint(b, uint64(len(offers)))
	for _, o := range offers {
		for _, s := range [...]string{o.owner, o.to, o.name, o.text} {
			b = appendString(b, s)
		}
		b = binary.AppendUvarint(b, uint64(o.line))
		b = binary.AppendUvarint(b, uint64(o.column))
	}
	return b
}

func (d *decoder) offers() []offer {
	n := d.count()
	if n == 0 {
		return nil
	}
	out := make([]offer, n)
	for i := range out {
		out[i] = offer{owner: d.string(), to: d.string(), name: d.string(), text: d.string(),
			line: d.uvarint(), column: d.uvarint()}
	}
	return out
}
