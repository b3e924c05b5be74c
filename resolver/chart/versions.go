package chart

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// newestFirst sorts versions, those that are equal by their order. Those that are not
// semantic versions are left out.
func newestFirst(list []Version) []Version {
	type parsed struct {
		Version
		semver *semver.Version
	}
	all := make([]parsed, 0, len(list))
	for _, v := range list {
		if p, err := semver.NewVersion(v.Version); err == nil {
			all = append(all, parsed{v, p})
		}
	}
	slices.SortStableFunc(all, func(a, b parsed) int { return b.semver.Compare(a.semver) })
	out := make([]Version, len(all))
	for i, v := range all {
		out[i] = v.Version
	}
	return out
}

// Resolve returns the version that want means now, as Helm reads it: the version that is
// written exactly so; else the newest in want as a range of Masterminds/semver, in which
// "1.2.3" also means "v1.2.3" and "1.2.3+build", and "1.2" all of 1.2. "" is the newest
// that is stable. Pre-releases are only in a range that names one. If no version is in the
// range the error is a *NotFoundError.
//
// An exact version of a chart in an OCI registry is not looked up: Fetch says whether it is
// there.
func (c *Client) Resolve(ctx context.Context, n Name, want string) (Version, error) {
	want = strings.TrimSpace(want)
	if isOCI(n.Repo) && isExact(want) {
		return ociVersion(n, want)
	}
	list, err := c.Versions(ctx, n)
	if err != nil {
		return Version{}, err
	}
	return choose(n, list, want)
}

// choose returns the version that want means, of versions with the newest first.
func choose(n Name, list []Version, want string) (Version, error) {
	for _, v := range list {
		if want != "" && v.Version == want {
			return v, nil
		}
	}
	constraint, err := semver.NewConstraint(cmp.Or(want, "*"))
	if err != nil {
		return Version{}, &RangeError{Name: n, Range: want}
	}
	for _, v := range list {
		if p, err := semver.NewVersion(v.Version); err == nil && constraint.Check(p) {
			return v, nil
		}
	}
	return Version{}, &NotFoundError{Name: n, Version: cmp.Or(want, "*")}
}

// isExact reports whether a version is a whole semantic version, perhaps after a "v".
func isExact(version string) bool {
	_, err := semver.StrictNewVersion(strings.TrimPrefix(version, "v"))
	return err == nil
}
