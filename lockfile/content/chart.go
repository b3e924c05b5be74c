package content

import (
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

// chartFile is the file that makes a folder a chart.
const chartFile = "Chart.yaml"

// maxChartFile bounds a Chart.yaml, in bytes.
const maxChartFile = 1 << 20

// Chart is what a chart's Chart.yaml says of it.
type Chart struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	AppVersion string `json:"appVersion"`
}

// Describe reads the Chart.yaml among the files of a chart.
func Describe(files []File) (Chart, error) {
	for _, f := range files {
		if f.Name == chartFile {
			return ParseChart(f.Data)
		}
	}
	return Chart{}, errors.New("not a chart: no Chart.yaml in its folder")
}

// ParseChart reads a Chart.yaml as Helm does. Both its name and its version must be there.
func ParseChart(data []byte) (Chart, error) {
	if len(data) > maxChartFile {
		return Chart{}, fmt.Errorf("%s: longer than %d MiB", chartFile, maxChartFile>>20)
	}
	var c Chart
	if err := yaml.Unmarshal(data, &c); err != nil {
		return Chart{}, fmt.Errorf("%s: %w", chartFile, err)
	}
	switch {
	case c.Name == "":
		return Chart{}, fmt.Errorf("%s: no name", chartFile)
	case c.Version == "":
		return Chart{}, fmt.Errorf("%s: no version", chartFile)
	}
	return c, nil
}
