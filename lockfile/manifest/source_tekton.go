package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// tektonRef searches a reference of Tekton to a task, a pipeline or a step that a resolver
// fetches (tektoncd/pipeline, pkg/resolution/resolver).
func (f *finder) tektonRef(ref *yaml.Node, key, resolver string) {
	p := resolverParams{ref: ref}
	switch {
	case resolver == "bundles":
		f.bundleParam(ref)
		return
	case key != "ref" && !strings.HasSuffix(key, "Ref"):
		return
	}
	switch resolver {
	case "git":
		switch {
		case p.value("url") != nil:
			f.tektonGit(p)
		case p.value("repo") != nil:
			f.tektonAPI(p)
		}
	case "http":
		if p.value("url") != nil {
			f.tektonHTTP(p)
		}
	case "hub":
		if p.value("name") != nil {
			f.tektonHub(p)
		}
	}
}

// resolverParams are the parameters of a resolver: a list of names and values.
type resolverParams struct{ ref *yaml.Node }

// item is the parameter of a name, with its place in the list; nil if there is none.
func (p resolverParams) item(name string) (item *yaml.Node, index int) {
	items(get(p.ref, "params"), func(i int, n *yaml.Node) {
		if field(n, "name") == name {
			item, index = n, i
		}
	})
	return item, index
}

// value is the value of a parameter, or nil.
func (p resolverParams) value(name string) *yaml.Node {
	item, _ := p.item(name)
	return get(item, "value")
}

// paramText is the value of a parameter as people wrote it.
func (f *finder) paramText(p resolverParams, name string) string { return f.written(p.value(name)) }

// inParam calls do inside of a parameter's value.
func (f *finder) inParam(p resolverParams, name string, do func()) {
	_, index := p.item(name)
	f.inField("params", func() {
		f.inIndex(index, func() { f.inField("value", do) })
	})
}

// tektonRevision fills in s by the parameter revision. Without it, Tekton takes the one that
// its ConfigMap git-resolver-config has, which is main as Tekton ships it.
func (f *finder) tektonRevision(s *Source, p resolverParams, beside string) (why string) {
	item, _ := p.item("revision")
	s.By = "revision"
	if item != nil {
		return f.revision(s, sourceField{owner: item, key: "value", missing: "main", form: gitForm})
	}
	s.Holder, s.Follows, s.Form = ByConsumer, "main", BranchOrTag
	near, _ := p.item(beside)
	s.edits = f.addParam(near, "revision", "main", writeCommit)
	return ""
}

// tektonGit records the repository that the git resolver clones.
func (f *finder) tektonGit(p resolverParams) {
	url := f.paramText(p, "url")
	s := Source{Fetch: url, Path: f.paramText(p, "pathInRepo")}
	s.URL, _ = giturl.Canonical(url)
	why := f.tektonRevision(&s, p, "url")
	if s.URL == "" {
		why = "its URL is not that of a git repository"
	}
	written := writtenSource(url, f.followsWritten(&s, p.value("revision")))
	f.inParam(p, "url", func() { f.fromSource(p.value("url"), lockfile.Git, written, s, why) })
}

// tektonAPI records the repository of which the git resolver fetches one file by the API of
// its forge. Which forge that is stands in Tekton's ConfigMap unless serverURL says so.
func (f *finder) tektonAPI(p resolverParams) {
	name := f.paramText(p, "repo")
	if org := f.paramText(p, "org"); org != "" {
		name = org + "/" + name
	}
	s := Source{Fetch: name, Path: f.paramText(p, "pathInRepo")}
	if server := f.paramText(p, "serverURL"); server != "" {
		s.Fetch = strings.TrimRight(server, "/") + "/" + name
		s.URL, _ = giturl.Canonical(s.Fetch)
	}
	why := f.tektonRevision(&s, p, "repo")
	if s.URL == "" {
		why = "which forge has it is set in a ConfigMap of Tekton; add the parameter serverURL, " +
			"or write url in place of org and repo"
	}
	written := writtenSource(s.Fetch, f.followsWritten(&s, p.value("revision")))
	f.inParam(p, "repo", func() { f.fromSource(p.value("repo"), lockfile.Git, written, s, why) })
}

// tektonHTTP records the file that the http resolver fetches, which it compares with the
// parameter digest.
func (f *finder) tektonHTTP(p resolverParams) {
	url := f.paramText(p, "url")
	s := Source{URL: url, Fetch: url, Form: OneFile, Follows: url, By: "digest",
		Holder: ByConsumer}
	why := ""
	switch item, _ := p.item("digest"); {
	case !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://"):
		s.URL, why = "", "its URL is not one of http or https"
	case item != nil:
		_, s.Pin = str(get(item, "value"))
		s.edits = f.pinField(sourceField{owner: item, key: "value"}, "", writeDigest)
	default:
		near, _ := p.item("url")
		s.edits = f.addParam(near, "digest", "", writeDigest)
	}
	f.inParam(p, "url", func() { f.fromSource(p.value("url"), lockfile.URL, url, s, why) })
}

// tektonHub records what the hub resolver fetches: a version of a task or a pipeline, by an
// API whose answers are not the file alone.
func (f *finder) tektonHub(p resolverParams) {
	name := f.paramText(p, "name")
	s := Source{Follows: f.paramText(p, "version"), Listed: true, Holder: NotHeld}
	f.inParam(p, "name", func() {
		f.fromSource(p.value("name"), lockfile.URL, writtenSource("hub:"+name, s.Follows), s,
			"the hub resolver cannot be held to content; use the resolver bundles or git")
	})
}

// addParam plans to add a parameter behind another one. kept is the name that stays readable
// in a comment, if there is room for one.
func (f *finder) addParam(near *yaml.Node, name, kept string, part sourcePart) []sourceEdit {
	if near == nil || near.Kind != yaml.Mapping || near.Anchor != "" {
		return nil
	}
	start, _, ok := f.text.span(near.Start, near.Start+1)
	_, end, ended := f.text.span(near.End-1, near.End)
	if !ok || !ended || near.Opaque {
		return nil
	}
	src := f.file.src
	lead := src[strings.LastIndexByte(src[:start], '\n')+1 : start]
	if strings.Trim(lead, " -") != "" || !strings.Contains(lead, "-") {
		return flowParam(near, end, name, part)
	}
	eol, at := f.lineEnd(end)
	if i := strings.IndexByte(src[end:at], '#'); strings.TrimSpace(src[end:at]) != "" && i < 0 {
		return nil
	}
	before, after := eol+lead+"name: "+name+eol+strings.Repeat(" ", len(lead))+"value: ", ""
	if near.Style == yaml.Flow {
		before, after = eol+lead+"{name: "+name+", value: ", "}"
	} else if kept != "" && f.text == f.file {
		after = " " + nameMark + kept
	}
	return []sourceEdit{{slot: slot{start: at, end: at, before: before, after: after}, part: part,
		plain: true}}
}

// flowParam is addParam in a list in brackets.
func flowParam(near *yaml.Node, end int, name string, part sourcePart) []sourceEdit {
	if near.Style != yaml.Flow || near.FirstChild == nil {
		return nil
	}
	q := ""
	if near.FirstChild.Style == yaml.DoubleQuoted {
		q = `"`
	}
	return []sourceEdit{{slot: slot{start: end, end: end, before: ", {" + q + "name" + q + ": " +
		q + name + q + ", " + q + "value" + q + ": " + q, after: q + "}"}, part: part}}
}

// lineEnd is where the line of the file that has the byte before end stops, and how lines end.
func (f *finder) lineEnd(end int) (eol string, at int) {
	src := f.file.src
	eol = "\n"
	if strings.Contains(src, "\r\n") {
		eol = "\r\n"
	}
	i := strings.IndexByte(src[end:], '\n')
	if i < 0 {
		return eol, len(src)
	}
	if at = end + i; at > end && src[at-1] == '\r' {
		at--
	}
	return eol, at
}

// pipelinesAsCode begins the annotations by which Pipelines-as-Code finds tasks and a pipeline.
const pipelinesAsCode = "pipelinesascode.tekton.dev/"

// remoteTasks records the files that an annotation of Pipelines-as-Code names: one, or several
// as in "[git-clone, https://…]". What is no URL is a name in a hub, or a path in the tree.
func (f *finder) remoteTasks(key string, v *yaml.Node) {
	name := strings.TrimPrefix(key, pipelinesAsCode)
	if name != "pipeline" && name != "task" && !strings.HasPrefix(name, "task-") {
		return
	}
	_, text := str(v)
	if isFileURL(text) {
		f.fileSource(v, fileUse{})
		return
	}
	for at := 0; at < len(text); {
		n := strings.IndexByte(text[at:]+",", ',')
		part := strings.Trim(text[at:at+n], " []'\"")
		if start := at + strings.Index(text[at:], part); isFileURL(part) {
			delete(f.claimed, v) // by the one before
			f.fileSource(v, fileUse{start: start, end: start + len(part),
				listed: "it is one of several in a text; write it in an annotation of its own"})
		}
		at += n + 1
	}
}
