package gotemplate

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// uncertain is the reason why a text is not known.
func uncertain(ps []Piece) string {
	for _, p := range ps {
		if p.Why != "" {
			return p.Why
		}
		for _, a := range p.Alts {
			if why := uncertain(a); why != "" {
				return why
			}
		}
	}
	return "what decides it is not known"
}

// printed is v as a text in pieces.
func printed(v Value) Scalar { return Scalar{Pieces: pieces(v)} }

// onText applies a function of strings to a text. What the function leaves of it keeps
// its origin.
func onText(v Value, f func(string) string) Value {
	s := printed(v)
	if !certain(s.Pieces) {
		return Scalar{Pieces: changeAlts(s.Pieces, f)}
	}
	old := s.String()
	text := f(old)
	if i := strings.Index(old, text); i >= 0 && text != "" {
		return Scalar{Pieces: cut(s.Pieces, i, i+len(text))}
	}
	return Scalar{Pieces: computed(s.Pieces, text)}
}

// changeAlts applies f to each piece by itself, where a text is not known as a whole.
func changeAlts(ps []Piece, f func(string) string) []Piece {
	out := make([]Piece, len(ps))
	for i, p := range ps {
		switch {
		case p.Alts != nil:
			alts := make([][]Piece, len(p.Alts))
			for j, a := range p.Alts {
				alts[j] = printed(onText(Scalar{Pieces: a}, f)).Pieces
			}
			p.Alts = alts
		case p.Why == "":
			text := f(p.Text)
			p.Computed = p.Computed || text != p.Text && !strings.Contains(p.Text, text)
			p.Text = text
		}
		out[i] = p
	}
	return out
}

// computed is a text that a function made of others.
func computed(from []Piece, text string) []Piece {
	p := Piece{Text: text, Computed: true}
	for _, f := range from {
		if f.From.File != "" {
			p.From = f.From
			break
		}
	}
	return []Piece{p}
}

// cut is the part of a text between two offsets.
func cut(ps []Piece, start, end int) []Piece {
	var out []Piece
	at := 0
	for _, p := range ps {
		from, to := max(start-at, 0), min(end-at, len(p.Text))
		if from < to {
			q := p
			q.Text = p.Text[from:to]
			q.From.Offset += from
			q.Plain = false
			out = append(out, q)
		}
		at += len(p.Text)
	}
	return out
}

// text functions of strings to strings.
var textFunctions = map[string]func(string) string{
	"trim": strings.TrimSpace, "lower": strings.ToLower, "upper": strings.ToUpper,
	//lint:ignore SA1019 Helm's function is this one
	"title":   strings.Title,
	"untitle": lowerFirst,
	"nospace": func(s string) string { return strings.Join(strings.Fields(s), "") },
	"b64enc":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"b64dec": func(s string) string {
		b, _ := base64.StdEncoding.DecodeString(s)
		return string(b)
	},
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// textArguments are functions of a string that have further arguments before it.
var textArguments = map[string]func(args []string, s string) string{
	"trimAll":    func(a []string, s string) string { return strings.Trim(s, a[0]) },
	"trimPrefix": func(a []string, s string) string { return strings.TrimPrefix(s, a[0]) },
	"trimSuffix": func(a []string, s string) string { return strings.TrimSuffix(s, a[0]) },
	"trunc": func(a []string, s string) string {
		n, err := strconv.Atoi(a[0])
		switch {
		case err != nil:
		case n >= 0 && n < len(s):
			return s[:n]
		case n < 0 && -n < len(s):
			return s[len(s)+n:]
		}
		return s
	},
	"replace": func(a []string, s string) string {
		if len(a) < 2 {
			return s
		}
		return strings.ReplaceAll(s, a[0], a[1])
	},
}

func regexpReplace(args []Value) Value {
	if len(args) != 3 {
		return Unknown{"regexReplaceAll takes three values"}
	}
	expr, ok1 := textOf(args[0])
	with, ok2 := textOf(args[2])
	re, err := regexp.Compile(expr)
	if !ok1 || !ok2 || err != nil {
		return Unknown{"it replaces by an expression that is not known"}
	}
	return onText(args[1], func(s string) string { return re.ReplaceAllString(s, with) })
}

// indent puts spaces in front of each line.
func indent(args []Value, breakFirst bool) Value {
	if len(args) != 2 {
		return Unknown{"indent takes a number and a text"}
	}
	n, _ := textOf(args[0])
	count, err := strconv.Atoi(n)
	if err != nil || count < 0 || count > 200 {
		return Unknown{"it indents by a number that is not known"}
	}
	pad := strings.Repeat(" ", count)
	lead := literal(pad).Pieces
	if breakFirst {
		lead = literal("\n" + pad).Pieces
	}
	return Scalar{Pieces: append(lead, padded(printed(args[1]).Pieces, pad)...)}
}

// padded adds pad behind each line break. Each line becomes a piece, so that it keeps
// its origin.
func padded(ps []Piece, pad string) []Piece {
	if pad == "" {
		return ps
	}
	var out []Piece
	for _, p := range ps {
		if p.Alts != nil {
			alts := make([][]Piece, len(p.Alts))
			for i, a := range p.Alts {
				alts[i] = padded(a, pad)
			}
			p.Alts = alts
		}
		for rest := p; ; {
			i := strings.IndexByte(rest.Text, '\n')
			if i < 0 {
				out = append(out, rest)
				break
			}
			line := rest
			line.Text = rest.Text[:i+1]
			space := Piece{Text: pad, From: rest.From, Plain: rest.Plain}
			space.From.Offset += i + 1
			out = append(out, line, space)
			rest.Text = rest.Text[i+1:]
			rest.From.Offset += i + 1
		}
	}
	return out
}

// printfValues formats as fmt does, and keeps the origins of strings.
func printfValues(args []Value) Value {
	if len(args) == 0 {
		return nil
	}
	format, ok := textOf(args[0])
	if !ok {
		return Unknown{"it formats by a text that is not known"}
	}
	var out []Piece
	rest := args[1:]
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			out = append(out, literal(format).Pieces...)
			break
		}
		if i > 0 {
			out = append(out, literal(format[:i]).Pieces...)
		}
		end := i + 1
		for end < len(format) && strings.IndexByte("+-# 0123456789.", format[end]) >= 0 {
			end++
		}
		if end >= len(format) {
			break
		}
		verb := format[i : end+1]
		format = format[end+1:]
		if verb == "%%" {
			out = append(out, literal("%").Pieces...)
			continue
		}
		if len(rest) == 0 {
			return Unknown{"it formats more than there is"}
		}
		out = append(out, formatted(verb, rest[0])...)
		rest = rest[1:]
	}
	return Scalar{Pieces: out}
}

func formatted(verb string, v Value) []Piece {
	ps := pieces(v)
	switch verb {
	case "%s", "%v", "%d":
		return ps
	case "%q":
		return quoted(ps, `"`)
	}
	if s, ok := textOf(v); ok {
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			if strings.HasSuffix(verb, "d") {
				return computed(ps, fmt.Sprintf(verb, int(n)))
			}
			return computed(ps, fmt.Sprintf(verb, n))
		}
		return computed(ps, fmt.Sprintf(verb, s))
	}
	return ps
}

func quoted(ps []Piece, mark string) []Piece {
	out := append([]Piece(nil), literal(mark).Pieces...)
	out = append(out, ps...)
	return append(out, literal(mark).Pieces...)
}
