package gotemplate

// maxReach bounds the search for mappings that hold themselves.
const maxReach = 100_000

// reaches reports whether v holds m, or is too large to tell. A mapping that held itself
// would have no end.
func reaches(v Value, m *Map) bool {
	budget := maxReach
	var search func(v Value) bool
	search = func(v Value) bool {
		if budget--; budget < 0 {
			return true
		}
		switch v := v.(type) {
		case *Map:
			if v == m {
				return true
			}
			for _, e := range v.Entries {
				if search(e) {
					return true
				}
			}
		case *List:
			for _, e := range v.Items {
				if search(e) {
					return true
				}
			}
		case Choice:
			for _, e := range v.Alts {
				if search(e) {
					return true
				}
			}
		}
		return false
	}
	return search(v)
}

// deepCopy copies a value; one that is too large becomes unknown.
func deepCopy(v Value) Value {
	budget := maxReach
	var copied func(v Value) Value
	copied = func(v Value) Value {
		if budget--; budget < 0 {
			return Unknown{"it is too large"}
		}
		switch v := v.(type) {
		case *Map:
			m := NewMap()
			for k, e := range v.Entries {
				m.Entries[k] = copied(e)
			}
			return m
		case *List:
			l := &List{Items: make([]Value, len(v.Items))}
			for i, e := range v.Items {
				l.Items[i] = copied(e)
			}
			return l
		}
		return v
	}
	return copied(v)
}

// Merge returns base with the entries of over in it, as Helm merges values: mappings
// entry by entry, all else as a whole; null takes an entry out.
func Merge(base, over Value) Value {
	b, ok1 := base.(*Map)
	o, ok2 := over.(*Map)
	if !ok1 || !ok2 {
		if over == nil && ok1 {
			return base
		}
		return over
	}
	m := NewMap()
	for k, v := range b.Entries {
		m.Entries[k] = v
	}
	for k, v := range o.Entries {
		if v == nil {
			delete(m.Entries, k)
			continue
		}
		if _, isMap := v.(*Map); isMap {
			v = Merge(m.Entries[k], v)
		}
		m.Entries[k] = v
	}
	return m
}

// change is set and unset, which change a mapping in its place.
func (e *executor) change(name string, args []Value) Value {
	if len(args) < 2 {
		return Unknown{name + " takes a dict and a key"}
	}
	m, ok := args[0].(*Map)
	if !ok {
		return args[0]
	}
	if len(args) == 3 && reaches(args[2], m) {
		args[2] = Unknown{"a dict that holds itself"}
	}
	key, ok := textOf(args[1])
	if !ok {
		why := "it changes an entry whose name is not known"
		for k := range m.Entries {
			m.Entries[k] = Unknown{why}
		}
		return m
	}
	old := m.Entries[key]
	switch {
	case name == "unset" && e.maybe == 0:
		delete(m.Entries, key)
	case name == "unset":
		m.Entries[key] = either(old, nil)
	case len(args) != 3:
	case e.maybe > 0:
		m.Entries[key] = either(args[2], old)
	default:
		m.Entries[key] = args[2]
	}
	return m
}

// merge is merge and mergeOverwrite, which change their first argument.
func (e *executor) merge(overwrite bool, args []Value) Value {
	if len(args) == 0 {
		return nil
	}
	m, ok := args[0].(*Map)
	if !ok {
		return args[0]
	}
	var out Value = m
	for _, a := range args[1:] {
		switch _, isMap := a.(*Map); {
		case !isMap && a != nil:
			return Unknown{"it merges what is not known"}
		case a == nil:
		case reaches(a, m):
			return Unknown{"it merges a dict with what holds it"}
		case overwrite:
			out = Merge(out, a)
		default:
			out = Merge(a, out)
		}
	}
	if merged, ok := out.(*Map); ok && e.maybe == 0 {
		m.Entries = merged.Entries
		return m
	}
	return out
}
