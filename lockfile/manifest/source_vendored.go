package manifest

// TakesArchives reports whether the consumer of a chart takes it from an archive in the tree
// as well as from a folder: Helm does for the dependencies of a chart, and kustomize does not.
func TakesArchives(r *Reference) bool { return r.Source != nil && r.Kind == chartKind }

// ExactVersion reports whether s names one version of a chart.
func ExactVersion(s string) bool { return exactVersion(s) }

// Takes reports whether what s follows allows a version.
func (s *Source) Takes(version string) bool {
	switch s.Form {
	case Version:
		return SameVersion(s.Follows, version)
	case VersionRange:
		return s.Follows == "" || rangeHolds(s.Follows, version)
	}
	return false
}

// Vendor notes that r's consumer takes its chart from the tree, where path has it: its
// version, and the hash of its content. fault is why that cannot be read: nothing is known to
// hold the consumer then.
func (r *Reference) Vendor(path, version, content string, fault error) {
	s := *r.Source // which a cache may have, too
	s.Holder, s.Pin, s.Vendored, s.edits = ByTree, version, content, nil
	if fault != nil {
		s.Holder, s.Pin, s.Vendored, s.Fault = NotHeld, "", "", path+": "+fault.Error()
	}
	r.Source, r.Editable = &s, false
	r.Why = "its consumer takes the chart that lies in " + path
}
