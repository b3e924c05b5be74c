package chart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"
)

// parseEntry parses the part of "entries" that is of one chart.
func parseEntry(chart string, text []byte) ([]entry, error) {
	var all map[string][]*entry
	if err := yaml.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("invalid YAML: %w", err)
	}
	list, ok := withVersion(all)[chart]
	if !ok || len(all) != 1 {
		return nil, errors.New("not one chart as helm writes it")
	}
	return list, nil
}

// entries returns the versions in what is left of a chart's entry.
func (r reduced) entries(chart string) ([]entry, error) {
	if !r.easy {
		return parseEntry(chart, r.text)
	}
	return slices.DeleteFunc(r.list, func(e entry) bool { return e.Version == "" }), nil
}

// withVersion leaves out entries that are null or have no version, as Helm does.
func withVersion(all map[string][]*entry) map[string][]entry {
	out := make(map[string][]entry, len(all))
	for name, list := range all {
		kept := make([]entry, 0, len(list))
		for _, e := range list {
			if e != nil && e.Version != "" {
				kept = append(kept, *e)
			}
		}
		out[name] = kept
	}
	return out
}

// parseWhole parses, once, an index that is not in the form that helm writes, because of
// why.
func (x *index) parseWhole(why error) (map[string][]entry, error) {
	return x.whole.Do(context.Background(), "", func() (map[string][]entry, error) {
		size, err := x.text.size()
		if err != nil {
			return nil, err
		}
		if size > maxWhole {
			return nil, fmt.Errorf("the index is not in the form that helm repo index writes (%w), "+
				"and longer than %d MiB, plumb's limit for other forms", why, maxWhole>>20)
		}
		text, err := x.text.part(span{0, size})
		if err != nil {
			return nil, err
		}
		return parseIndex(text)
	})
}

// parseIndex parses an index as a whole.
func parseIndex(text []byte) (map[string][]entry, error) {
	var file struct {
		APIVersion string              `json:"apiVersion"`
		Entries    map[string][]*entry `json:"entries"`
	}
	err := json.Unmarshal(text, &file)
	if !json.Valid(text) {
		// Unmarshal takes the last of two values of a key; Helm takes none.
		if _, err = yaml.YAMLToJSONStrict(text); err == nil {
			err = yaml.Unmarshal(text, &file)
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("not an index.yaml: %w", err)
	case file.APIVersion == "":
		return nil, errors.New("not the index of a chart repository: no apiVersion in it")
	}
	return withVersion(file.Entries), nil
}
