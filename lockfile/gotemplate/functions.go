package gotemplate

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// function is a template's function.
type function func(args []Value) Value

// tables are the functions by their names.
type tables struct {
	whole map[string]function // those that have a result although arguments are not known
	plain map[string]function // those that are called with known values only
}

// functions are the functions that templates may call.
var functions = sync.OnceValue(func() tables {
	whole := map[string]function{
		"default": defaultTo, "coalesce": coalesce, "and": and, "or": or, "ternary": ternary,
		"required": last, "dict": dict, "list": list, "tuple": list, "not": not, "empty": not,
		"quote":  func(a []Value) Value { return eachText(a, `"`) },
		"squote": func(a []Value) Value { return eachText(a, `'`) },
		"print":  concatenate, "println": concatenate, "cat": spaced, "printf": printfValues,
		"indent":   func(a []Value) Value { return indent(a, false) },
		"nindent":  func(a []Value) Value { return indent(a, true) },
		"toString": func(a []Value) Value { return printed(last(a)) },
		"toYaml":   toText, "toJson": toText, "toPrettyJson": toText, "toRawJson": toText,
		"get": index, "index": index, "dig": dig, "append": appendTo, "prepend": prependTo,
		"concat":   concat,
		"deepCopy": func(a []Value) Value { return deepCopy(last(a)) },
		"lookup":   func([]Value) Value { return Unknown{"it asks the cluster"} },
	}
	plain := map[string]function{
		"eq": equal, "ne": func(a []Value) Value { return not([]Value{equal(a)}) },
		"lt": order("lt"), "le": order("le"), "gt": order("gt"), "ge": order("ge"),
		"hasKey": hasKey, "keys": keys, "values": valuesOf, "pick": pick, "omit": omit,
		"has": has, "len": length, "kindIs": kindIs, "typeIs": kindIs, "kindOf": kindOf,
		"first":  func(a []Value) Value { return item(last(a), 0) },
		"last":   func(a []Value) Value { return item(last(a), -1) },
		"rest":   func(a []Value) Value { return rest(last(a)) },
		"typeOf": kindOf, "splitList": splitList, "split": split, "join": joinList,
		"uniq": last, "compact": last, "sortAlpha": last, "fromYaml": fromText,
		"fromJson": fromText, "fromYamlArray": fromText, "regexReplaceAll": regexpReplace,
		"int": last, "int64": last, "float64": last,
	}
	for name, f := range textFunctions {
		whole[name] = func(a []Value) Value { return onText(last(a), f) }
	}
	for name, f := range textArguments {
		plain[name] = func(a []Value) Value { return withArguments(f, a) }
	}
	for name, f := range tests {
		plain[name] = func(a []Value) Value { return test(f, a) }
	}
	for _, table := range []map[string]function{whole, plain} {
		for _, name := range slices.Collect(maps.Keys(table)) {
			table["must"+strings.ToUpper(name[:1])+name[1:]] = table[name]
		}
	}
	return tables{whole, plain}
})

// tests are functions of two texts; the last argument is the text that is looked at.
var tests = map[string]func(part, s string) bool{
	"contains":  func(part, s string) bool { return strings.Contains(s, part) },
	"hasPrefix": func(part, s string) bool { return strings.HasPrefix(s, part) },
	"hasSuffix": func(part, s string) bool { return strings.HasSuffix(s, part) },
	"regexMatch": func(expr, s string) bool {
		re, err := regexp.Compile(expr)
		return err == nil && re.MatchString(s)
	},
}

func test(f func(part, s string) bool, args []Value) Value {
	if len(args) != 2 {
		return Unknown{"a test takes two texts"}
	}
	part, ok1 := textOf(args[0])
	s, ok2 := textOf(args[1])
	if !ok1 || !ok2 {
		return Unknown{"it tests a text that is not known"}
	}
	return boolean(f(part, s))
}

func withArguments(f func(args []string, s string) string, args []Value) Value {
	if len(args) < 2 {
		return Unknown{"a function has too few arguments"}
	}
	words := make([]string, len(args)-1)
	for i := range words {
		var ok bool
		if words[i], ok = textOf(args[i]); !ok {
			return Unknown{"an argument of a function is not known"}
		}
	}
	return onText(last(args), func(s string) string { return f(words, s) })
}

func last(args []Value) Value {
	if len(args) == 0 {
		return nil
	}
	return args[len(args)-1]
}

func defaultTo(args []Value) Value {
	if len(args) < 2 {
		return last(args)
	}
	return coalesce([]Value{args[1], args[0]})
}

// coalesce is the first value that is not empty.
func coalesce(args []Value) Value {
	var may []Value
	for _, v := range args {
		switch truthOf(v) {
		case yes:
			return either(append(may, v)...)
		case maybe:
			if c, ok := v.(Choice); ok {
				v = truthy(c)
			}
			may = append(may, v)
		}
	}
	if len(may) > 0 {
		return either(append(may, last(args))...)
	}
	return last(args)
}

func or(args []Value) Value { return coalesce(args) }

func and(args []Value) Value {
	var may []Value
	for _, v := range args {
		switch truthOf(v) {
		case no:
			return either(append(may, v)...)
		case maybe:
			may = append(may, v)
		}
	}
	return either(append(may, last(args))...)
}

func not(args []Value) Value {
	switch truthOf(last(args)) {
	case yes:
		return boolean(false)
	case no:
		return boolean(true)
	}
	return Unknown{"a condition that is not known"}
}

func ternary(args []Value) Value {
	if len(args) != 3 {
		return Unknown{"ternary takes three values"}
	}
	switch truthOf(args[2]) {
	case yes:
		return args[0]
	case no:
		return args[1]
	}
	return either(args[0], args[1])
}

func equal(args []Value) Value {
	if len(args) < 2 {
		return Unknown{"eq takes two values"}
	}
	first, ok := textOf(args[0])
	for _, a := range args[1:] {
		s, known := textOf(a)
		if !ok || !known {
			return Unknown{"it compares what is not known"}
		}
		if s == first {
			return boolean(true)
		}
	}
	return boolean(false)
}

// eachText quotes each argument.
func eachText(args []Value, mark string) Value {
	var out []Piece
	for i, a := range args {
		if i > 0 {
			out = append(out, literal(" ").Pieces...)
		}
		out = append(out, quoted(pieces(a), mark)...)
	}
	return Scalar{Pieces: out}
}

func concatenate(args []Value) Value {
	var out []Piece
	for _, a := range args {
		out = append(out, pieces(a)...)
	}
	return Scalar{Pieces: out}
}

func spaced(args []Value) Value {
	var out []Piece
	for i, a := range args {
		if i > 0 {
			out = append(out, literal(" ").Pieces...)
		}
		out = append(out, pieces(a)...)
	}
	return Scalar{Pieces: out}
}
