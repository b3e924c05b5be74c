package gitref

import (
	"os/exec"
	"syscall"
)

// ownGroup has a command run without a console on which it could ask.
func ownGroup(cmd *exec.Cmd) {
	const createNoWindow = 0x08000000
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
}

// killGroup does nothing: git's helpers end when their pipes are closed.
func killGroup(*exec.Cmd) {}
