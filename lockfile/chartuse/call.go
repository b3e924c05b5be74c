package chartuse

import (
	"strconv"
	"strings"
)

// call is what a template function makes of its arguments (Go's text/template, Sprig and
// Helm). What is not known here has changed them.
func (r *reader) call(name string, args []value, at place, line int) value {
	if len(args) == 0 {
		if name == "dict" || name == "list" || name == "tuple" {
			return value{maps: []map[string]value{{}}}
		}
		return value{}
	}
	last := args[len(args)-1]
	switch name {
	case "quote", "squote", "toString", "trim", "toYaml", "toJson", "fromYaml", "fromJson",
		"indent", "required", "deepCopy", "mustDeepCopy", "html", "js", "toRawJson", "first",
		"last", "mustFirst", "mustLast", "compact", "toPrettyJson", "fail":
		return last
	case "omit", "pick", "tpl":
		return args[0]
	case "nindent":
		return last.behind("\n", at, line)
	case "default", "coalesce", "or", "merge", "mergeOverwrite", "mustMerge",
		"mustMergeOverwrite", "and", "concat", "append", "prepend":
		return all(args)
	case "ternary":
		return all(args[:min(2, len(args))])
	case "set":
		return args[0].with(args[1:])
	case "dict":
		return value{maps: []map[string]value{{}}}.with(args)
	case "list", "tuple":
		m := map[string]value{}
		for i, a := range args {
			m[strconv.Itoa(i)] = a
		}
		return value{maps: []map[string]value{m}}
	case "index", "get":
		return args[0].walk(keys(args[1:])...)
	case "dig":
		if len(args) < 3 {
			return value{}
		}
		return last.walk(keys(args[:len(args)-2])...).or(args[len(args)-2])
	case "pluck":
		return all(args[1:]).walk(keys(args[:1])...)
	case "values":
		return all(args).item()
	case "include":
		return r.included(args)
	case "print":
		return joined(args, at, line)
	case "printf":
		return formatted(args, at, line)
	}
	return r.unknown(name, args, at, line)
}

// unknown is what a function of which nothing is known makes of its arguments. Those that
// read a version refuse one with a digest, wherever they stand.
func (r *reader) unknown(name string, args []value, at place, line int) value {
	v := all(args).change()
	if strings.HasPrefix(name, "semver") {
		for _, p := range v.paths {
			r.chart.compared = append(r.chart.compared,
				Use{Path: p, How: Computed, File: at.file, Line: line})
		}
	}
	if withoutDigest(name, args) {
		return value{}
	}
	switch name {
	case "eq", "ne", "not", "empty", "hasKey", "kindIs", "len", "lt", "gt", "le", "ge",
		"contains", "hasPrefix", "hasSuffix", "has", "semverCompare", "regexMatch", "typeIs":
		return value{} // a condition
	}
	return v
}

// withoutDigest reports whether a function cannot tell a digest that is added to a tag, or
// takes it away: it hashes, or replaces what is no part of a label.
func withoutDigest(name string, args []value) bool {
	switch name {
	case "sha256sum", "sha1sum", "sha512sum", "adler32sum", "md5sum":
		return true
	case "replace", "regexReplaceAll", "regexReplaceAllLiteral", "split", "splitList", "splitn",
		"regexFind", "mustRegexReplaceAll", "mustRegexReplaceAllLiteral":
		for _, a := range args {
			for _, s := range a.texts {
				if strings.Contains(s, "@") || strings.Contains(s, "[^") {
					return true
				}
			}
		}
	}
	return false
}

// included is the text of a definition.
func (r *reader) included(args []value) value {
	if len(args) < 2 || len(args[0].texts) != 1 {
		return value{} // such as the file of a checksum
	}
	return value{printed: [][]token{trimmed(r.include(args[0].texts[0], args[1]))}}
}

func all(vs []value) value {
	var out value
	for _, v := range vs {
		out = out.or(v)
	}
	return out
}

// keys are the keys that arguments are; what is no text stands for any.
func keys(args []value) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = "*"; len(a.texts) == 1 {
			out[i] = a.texts[0]
		}
	}
	return out
}

// with is v with entries, names and values in turn.
func (v value) with(pairs []value) value {
	m := map[string]value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if len(pairs[i].texts) == 1 {
			m[pairs[i].texts[0]] = pairs[i+1]
		}
	}
	if len(v.maps) == 1 && len(v.roots) == 0 && len(v.paths) == 0 {
		for k, e := range v.maps[0] {
			if _, ok := m[k]; !ok {
				m[k] = e
			}
		}
		return value{maps: []map[string]value{m}}
	}
	return v.or(value{maps: []map[string]value{m}})
}

// behind is v behind a text.
func (v value) behind(text string, at place, line int) value {
	return value{printed: [][]token{
		append([]token{{text: text}}, v.tokens(at.file, line)...)}}
}

// joined is the arguments, one behind the other.
func joined(args []value, at place, line int) value {
	var out []token
	for _, a := range args {
		out = append(out, a.tokens(at.file, line)...)
	}
	return value{printed: [][]token{out}}
}

// formatted is what printf prints.
func formatted(args []value, at place, line int) value {
	if len(args[0].texts) != 1 {
		return all(args).change()
	}
	format := args[0].texts[0]
	var out []token
	for args = args[1:]; format != ""; {
		i := strings.IndexByte(format, '%')
		if i < 0 || i == len(format)-1 {
			out = append(out, token{text: format})
			break
		}
		out = append(out, token{text: format[:i]})
		verb := format[i+1]
		format = format[i+2:]
		switch {
		case verb == '%':
			out = append(out, token{text: "%"})
		case len(args) == 0 || verb != 's' && verb != 'v' && verb != 'd' && verb != 'q':
			return all(args).change()
		default:
			out = append(out, args[0].tokens(at.file, line)...)
			args = args[1:]
		}
	}
	return value{printed: [][]token{out}}
}
