package gotemplate

import (
	"strconv"
	"strings"
)

func dict(args []Value) Value {
	m := NewMap()
	for i := 0; i+1 < len(args); i += 2 {
		key, ok := textOf(args[i])
		if !ok {
			return Unknown{"a key of a dict is not known"}
		}
		m.Entries[key] = args[i+1]
	}
	return m
}

func list(args []Value) Value { return &List{Items: append([]Value(nil), args...)} }

// index follows keys and positions from a value.
func index(args []Value) Value {
	if len(args) == 0 {
		return nil
	}
	v := args[0]
	for _, a := range args[1:] {
		key, ok := textOf(a)
		if !ok {
			return Unknown{"it takes an entry by a key that is not known"}
		}
		switch of := v.(type) {
		case *List:
			n, err := strconv.Atoi(key)
			if err != nil {
				return Unknown{"it takes an item by a position that is not known"}
			}
			v = item(of, n)
		default:
			v = fieldOf(v, key)
		}
	}
	return v
}

// dig is an entry some keys deep, or a default.
func dig(args []Value) Value {
	if len(args) < 3 {
		return Unknown{"dig takes keys, a default and a dict"}
	}
	v, fallback := last(args), args[len(args)-2]
	for _, a := range args[:len(args)-2] {
		key, ok := textOf(a)
		if !ok {
			return Unknown{"it takes an entry by a key that is not known"}
		}
		if v = fieldOf(v, key); v == nil {
			return fallback
		}
	}
	return v
}

func item(v Value, i int) Value {
	l, ok := v.(*List)
	if !ok {
		return Unknown{"it takes an item of what is no list"}
	}
	if i < 0 {
		i += len(l.Items)
	}
	if i < 0 || i >= len(l.Items) {
		return nil
	}
	return l.Items[i]
}

func rest(v Value) Value {
	l, ok := v.(*List)
	if !ok || len(l.Items) == 0 {
		return &List{}
	}
	return &List{Items: l.Items[1:]}
}

func appendTo(args []Value) Value { return joined(args, false) }

func prependTo(args []Value) Value { return joined(args, true) }

func joined(args []Value, front bool) Value {
	if len(args) != 2 {
		return Unknown{"it adds no single item to a list"}
	}
	l, _ := args[0].(*List)
	if l == nil && args[0] != nil {
		return Unknown{"it adds to a list that is not known"}
	}
	var items []Value
	if l != nil {
		items = append(items, l.Items...)
	}
	if front {
		return &List{Items: append([]Value{args[1]}, items...)}
	}
	return &List{Items: append(items, args[1])}
}

func concat(args []Value) Value {
	out := &List{}
	for _, a := range args {
		switch l := a.(type) {
		case nil:
		case *List:
			out.Items = append(out.Items, l.Items...)
		default:
			return Unknown{"it joins lists that are not known"}
		}
	}
	return out
}

func hasKey(args []Value) Value {
	m, ok := args[0].(*Map)
	key, known := textOf(last(args))
	if args[0] == nil {
		return boolean(false)
	}
	if !ok || !known || len(args) != 2 {
		return Unknown{"it asks for a key that is not known"}
	}
	_, has := m.Entries[key]
	return boolean(has)
}

func keys(args []Value) Value {
	out := &List{}
	for _, a := range args {
		if m, ok := a.(*Map); ok {
			for _, k := range m.keys() {
				out.Items = append(out.Items, literal(k))
			}
		}
	}
	return out
}

func valuesOf(args []Value) Value {
	out := &List{}
	if m, ok := last(args).(*Map); ok {
		for _, k := range m.keys() {
			out.Items = append(out.Items, m.Entries[k])
		}
	}
	return out
}

func pick(args []Value) Value { return chosen(args, true) }

func omit(args []Value) Value { return chosen(args, false) }

// chosen is a dict with the keys of args only, or without them.
func chosen(args []Value, keep bool) Value {
	m, ok := args[0].(*Map)
	if !ok {
		return args[0]
	}
	named := map[string]bool{}
	for _, a := range args[1:] {
		key, ok := textOf(a)
		if !ok {
			return Unknown{"it chooses by a key that is not known"}
		}
		named[key] = true
	}
	out := NewMap()
	for k, v := range m.Entries {
		if named[k] == keep {
			out.Entries[k] = v
		}
	}
	return out
}

func has(args []Value) Value {
	l, ok := last(args).(*List)
	want, known := textOf(args[0])
	if !ok || !known {
		return Unknown{"it looks for what is not known"}
	}
	for _, v := range l.Items {
		if s, ok := textOf(v); ok && s == want {
			return boolean(true)
		}
	}
	return boolean(false)
}

func length(args []Value) Value {
	switch v := last(args).(type) {
	case nil:
		return number(0)
	case *Map:
		return number(len(v.Entries))
	case *List:
		return number(len(v.Items))
	case Scalar:
		if s, ok := textOf(v); ok {
			return number(len(s))
		}
	}
	return Unknown{"a length that is not known"}
}

func nameOf(v Value) string {
	switch v := v.(type) {
	case *Map:
		return "map"
	case *List:
		return "slice"
	case Scalar:
		switch v.Kind {
		case Bool:
			return "bool"
		case Number:
			return "float64"
		}
		return "string"
	}
	return "invalid"
}

func kindIs(args []Value) Value {
	want, _ := textOf(args[0])
	kind := nameOf(last(args))
	if kind == "float64" && strings.HasPrefix(want, "int") {
		return Unknown{"the kind of a number"}
	}
	return boolean(want == kind || want == "map[string]interface {}" && kind == "map" ||
		want == "[]interface {}" && kind == "slice")
}

func kindOf(args []Value) Value { return literal(nameOf(last(args))) }

func splitList(args []Value) Value {
	sep, ok := textOf(args[0])
	v := printed(last(args))
	if !ok || !certain(v.Pieces) || sep == "" {
		return Unknown{"it splits a text that is not known"}
	}
	out := &List{}
	at := 0
	for _, part := range strings.Split(v.String(), sep) {
		out.Items = append(out.Items, Scalar{Pieces: cut(v.Pieces, at, at+len(part))})
		at += len(part) + len(sep)
	}
	return out
}

func split(args []Value) Value {
	l, ok := splitList(args).(*List)
	if !ok {
		return Unknown{"it splits a text that is not known"}
	}
	m := NewMap()
	for i, v := range l.Items {
		m.Entries["_"+strconv.Itoa(i)] = v
	}
	return m
}

func joinList(args []Value) Value {
	l, ok := last(args).(*List)
	if !ok {
		return last(args)
	}
	var out []Piece
	for i, v := range l.Items {
		if i > 0 {
			out = append(out, pieces(args[0])...)
		}
		out = append(out, pieces(v)...)
	}
	return Scalar{Pieces: out}
}

// order is a comparison of numbers.
func order(name string) function {
	return func(args []Value) Value {
		if len(args) != 2 {
			return Unknown{"a comparison takes two values"}
		}
		a, _ := textOf(args[0])
		b, _ := textOf(args[1])
		x, err1 := strconv.ParseFloat(a, 64)
		y, err2 := strconv.ParseFloat(b, 64)
		if err1 != nil || err2 != nil {
			return Unknown{"it compares what is not known"}
		}
		switch name {
		case "lt":
			return boolean(x < y)
		case "le":
			return boolean(x <= y)
		case "gt":
			return boolean(x > y)
		}
		return boolean(x >= y)
	}
}
