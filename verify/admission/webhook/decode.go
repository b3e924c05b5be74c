package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/plumb-dev/plumb/verify/admission"
)

// decode reads an AdmissionReview. The request's objects are parts of body.
func decode(body []byte) (*admission.Request, error) {
	d := reviewDecoder{body: body, tokens: jsontext.NewDecoder(bytes.NewBuffer(body))}
	var version, kind string
	var q *admission.Request
	err := d.object(func(name string) error {
		switch name {
		case "apiVersion":
			return d.text(&version)
		case "kind":
			return d.text(&kind)
		case "request":
			q = new(admission.Request)
			return d.request(q)
		}
		return d.tokens.SkipValue()
	})
	if err == nil {
		err = d.end()
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("invalid AdmissionReview: %w", err)
	case version != reviewVersion || kind != reviewKind:
		return nil, errors.New("not an " + reviewKind + " of " + reviewVersion)
	case q == nil:
		return nil, errors.New("the " + reviewKind + " has no request")
	case q.UID == "":
		return nil, errors.New("the request has no uid")
	}
	return q, nil
}

// reviewDecoder reads JSON once, and copies nothing large. A duplicate name in an object is an
// error: two readers could use different ones of them.
type reviewDecoder struct {
	body   []byte
	tokens *jsontext.Decoder
}

// request reads an AdmissionRequest.
func (d *reviewDecoder) request(q *admission.Request) error {
	return d.object(func(name string) error {
		switch name {
		case "uid":
			return d.text(&q.UID)
		case "operation":
			return d.text(&q.Operation)
		case "subResource":
			return d.text(&q.SubResource)
		case "namespace":
			return d.text(&q.Namespace)
		case "name":
			return d.text(&q.Name)
		case "object":
			return d.part(&q.Object)
		case "oldObject":
			return d.part(&q.OldObject)
		case "userInfo":
			var raw json.RawMessage
			if err := d.part(&raw); err != nil {
				return err
			}
			return json.Unmarshal(raw, &q.UserInfo)
		}
		return d.tokens.SkipValue()
	})
}

// object reads an object; member reads its values.
func (d *reviewDecoder) object(member func(name string) error) error {
	t, err := d.tokens.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '{' {
		return errors.New("not an object")
	}
	for d.tokens.PeekKind() == '"' {
		t, err := d.tokens.ReadToken()
		if err != nil {
			return err
		}
		if err := member(t.String()); err != nil {
			return err
		}
	}
	_, err = d.tokens.ReadToken() // the end, or an error
	return err
}

// text reads a string.
func (d *reviewDecoder) text(to *string) error {
	t, err := d.tokens.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '"' {
		return errors.New("not a string")
	}
	*to = t.String()
	return nil
}

// part reads a value without copying it. null leaves it empty.
func (d *reviewDecoder) part(to *json.RawMessage) error {
	v, err := d.tokens.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != 'n' {
		end := d.tokens.InputOffset()
		*to = json.RawMessage(d.body[end-int64(len(v)) : end : end])
	}
	return nil
}

// end rejects data after the object.
func (d *reviewDecoder) end() error {
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("unexpected data after the object")
	}
	return nil
}
