package evidence

import (
	"encoding/json"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile"
)

// NeedsConfigs reports whether a policy that matches an entry is evaluated on the configs of
// its platforms (spec.policy.fetchConfigFile).
func (j *Judge) NeedsConfigs(e lockfile.Entry) bool {
	if j.Policies == nil || !j.Policies.ByConfig() {
		return false // which is soon said
	}
	image, err := Image(e)
	if err != nil {
		return false
	}
	_, needs := j.Policies.Sources(image)
	return needs
}

// configs reads the configs of an entry's platforms, by platform, if they are needed, and says why
// they cannot be used where one cannot: what a policy says of all platforms must not be
// decided on some. Where two platforms have one name, as those for two versions of
// Windows, the second is "windows/amd64#2", and so on.
func (j *Judge) configs(e lockfile.Entry) (map[string]json.RawMessage, []string) {
	if !j.NeedsConfigs(e) {
		return nil, nil
	}
	all, seen := map[string]json.RawMessage{}, map[string]int{}
	var faults []string
	for _, p := range e.Platforms {
		if p.Config == "" {
			faults = append(faults, fmt.Sprintf("plumb.lock does not have the config of %s, "+
				"which a policy needs (fetchConfigFile)", p.Platform))
			continue
		}
		data, err := j.read(p.Config)
		if err == nil && !json.Valid(data) {
			err = fmt.Errorf("is not JSON")
		}
		if err != nil {
			faults = append(faults,
				fmt.Sprintf("%s %v: it is the config of %s, which a policy needs (fetchConfigFile)",
					File(p.Config), err, p.Platform))
			continue
		}
		name := p.Platform
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s#%d", name, seen[name])
		}
		all[name] = data
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return all, nil
}
