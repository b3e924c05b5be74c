package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// maxObjects bounds what ReadObjects reads, in bytes.
const maxObjects = 64 << 20

// ReadObjects reads objects from YAML or JSON: those of all documents, and in place of a
// list its items. As to kubectl, an object with a field items that is an array is a list.
func ReadObjects(r io.Reader) ([]map[string]any, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxObjects+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxObjects {
		return nil, fmt.Errorf("more than %d bytes", maxObjects)
	}
	// JSON may carry characters that YAML may not.
	if out, err := decodeObjects(json.NewDecoder(bytes.NewReader(text))); err == nil {
		return out, nil
	}
	return decodeObjects(yaml.NewDecoder(bytes.NewReader(text)))
}

// decodeObjects reads objects to the end.
func decodeObjects(d interface{ Decode(any) error }) ([]map[string]any, error) {
	var out []map[string]any
	for {
		var object map[string]any
		err := d.Decode(&object)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err == nil {
			out, err = appendObjects(out, object)
		}
		if err != nil {
			return nil, err
		}
	}
}

// appendObjects appends an object, or the items of a list.
func appendObjects(out []map[string]any, object map[string]any) ([]map[string]any, error) {
	items, isList := object["items"].([]any)
	if !isList {
		if object == nil { // an empty document
			return out, nil
		}
		return append(out, object), nil
	}
	for i, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("items[%d] is not an object", i)
		}
		var err error
		if out, err = appendObjects(out, object); err != nil {
			return nil, err
		}
	}
	return out, nil
}
