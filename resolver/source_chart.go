package resolver

import (
	"context"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/chart"
)

// resolveChart finds the archive that a chart's version is: the newest in its range, or the
// version that its places carry.
func (p *planner) resolveChart(ctx context.Context, t *sourceTarget) error {
	v, err := p.chartVersion(ctx, t)
	if err != nil {
		return err
	}
	a, err := p.Sources.Charts.Fetch(ctx, t.chart(), v)
	if err != nil {
		return err
	}
	t.entry = &lockfile.Entry{Kind: lockfile.Chart, Name: t.source.LockName(),
		Range: t.chartRange(), Version: v.Version, Digest: a.Digest, Content: a.Content}
	return nil
}

// chart is what a chart repository knows t by.
func (t *sourceTarget) chart() chart.Name {
	return chart.Name{Repo: t.source.Fetch, Chart: t.source.Chart}
}

// chartRange is the range that t follows, "" if that is one version. Where no comment can say
// so, as in JSON, the lock does.
func (t *sourceTarget) chartRange() string {
	switch {
	case t.source.Form == manifest.VersionRange:
		return t.source.LockFollows()[0]
	case t.old != nil:
		return t.old.Range
	}
	return ""
}

// chartVersion finds the version that t is to have.
func (p *planner) chartVersion(ctx context.Context, t *sourceTarget) (chart.Version, error) {
	wanted := t.source.Follows
	if r := t.chartRange(); r != "" {
		if wanted = r; len(t.pins) == 1 && !t.update {
			wanted = t.pins[0]
		}
	}
	return p.Sources.Charts.Resolve(ctx, t.chart(), wanted)
}

// resolveURL hashes the file at a URL, at the commit that its repository is pinned to.
func (p *planner) resolveURL(ctx context.Context, t *sourceTarget) error {
	s, url, name := t.source, t.source.Fetch, t.source.LockName()
	switch {
	case t.git != nil && t.git.entry == nil:
		if t.git.err != nil {
			return t.git.err
		}
		return fmt.Errorf("the commit of %s is not known", s.Repository)
	case t.git != nil:
		url = s.At(manifest.SourcePin{Commit: t.git.entry.Commit})
	case s.Form == manifest.LatestRelease && (s.Pin == "" || t.update):
		tag, err := p.Sources.Files.LatestRelease(ctx, s.Fetch)
		if err != nil {
			return err
		}
		t.tag = tag
		url = s.At(manifest.SourcePin{Tag: tag})
		name = url
	}
	digest, err := p.Sources.Files.Digest(ctx, url)
	if err != nil {
		return err
	}
	t.entry = &lockfile.Entry{Kind: lockfile.URL, Name: name, Digest: digest}
	return nil
}
