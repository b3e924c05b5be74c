package githook

import "path/filepath"

// RefusedError is why a hook is not installed or not removed.
type RefusedError struct {
	Path   string // of the hook, as people read it
	Reason string // what is so of it
	Fix    string // what to do instead
}

// Error says what is so of which hook, and what to do instead.
func (e *RefusedError) Error() string { return e.Path + ": " + e.Reason + "\n" + e.Fix }

// verifyLine is what a hook that cannot be wrapped has to run itself.
const verifyLine = "plumb verify --staged"

// modified is so of a hook that differs from what plumb wrote.
const modified = "has been modified since plumb wrote it"

// Refused is the *RefusedError of Install, or nil. With force, a folder that
// other repositories may share is not a reason.
func (f *Folder) Refused(force bool) error {
	path, own := f.Display(f.hook.path), f.own()
	switch {
	case f.Foreign && !force:
		reason := f.Setting
		if reason == "" {
			reason = f.Dir + " is a symlink"
		}
		return &RefusedError{
			path, "is outside of the repository, and other repositories may run it: " + reason,
			"to install it anyway: plumb hook install --force",
		}
	case f.State() == Changed:
		const fix = "remove it, or the lines that were added to it"
		return &RefusedError{f.Display(own.path), modified, fix}
	case own.ours():
		return nil
	case filepath.Base(f.Dir) == "_" && goesByName(own.text):
		hook := f.Display(filepath.Join(filepath.Dir(f.Dir), hookName))
		return &RefusedError{path, "is managed by husky", "add this line to " + hook + ": " + verifyLine}
	case goesByName(own.text):
		return &RefusedError{path, "depends on its own name, and cannot run under another",
			"add this line to it: " + verifyLine}
	}
	return nil
}
