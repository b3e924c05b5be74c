package cli

import (
	cli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/lockfile/shell"
	"github.com/plumb-dev/plumb/verify/policy"
)

// ExternalPolicies are the policies that --policy names: policies from outside of the
// tree, over which who writes the tree has no power. Nil: the tree's own.
type ExternalPolicies struct {
	Set *policy.Set
	// Flags name them, for commands that are to judge by the same.
	Flags string
}

// PolicyFlags are the flags that ReadExternalPolicies reads.
func PolicyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "policy", Category: CategoryPolicy,
			Usage: "check against the policies in `DIR`, not those of the repository"},
		&cli.StringFlag{Name: "trust", Category: CategoryPolicy,
			Usage: "with --policy: use the trust root in `FILE`"},
	}
}

// ReadExternalPolicies reads the policies that --policy and --trust name; nil if they
// name none.
func ReadExternalPolicies(c *cli.Context) (*ExternalPolicies, error) {
	dir, trust := c.String("policy"), c.String("trust")
	if !c.IsSet("policy") {
		if c.IsSet("trust") {
			return nil, UsageError("--trust needs --policy")
		}
		return nil, nil
	}
	set, err := policy.ReadDir(dir, trust)
	if err != nil {
		return nil, UsageError("--policy %s: %w", dir, err)
	}
	e := &ExternalPolicies{set, "--policy " + shell.Word(dir)}
	if trust != "" {
		e.Flags += " --trust " + shell.Word(trust)
	}
	return e, nil
}

// Policies is the set of policies; nil for the tree's own.
func (e *ExternalPolicies) Policies() *policy.Set {
	if e == nil {
		return nil
	}
	return e.Set
}
