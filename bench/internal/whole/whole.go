// Package whole runs the program as a user does: it fits a model and judges it.
package whole

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Run has a program fit a model and judge it, by the command lines of the two, and returns the seconds of both and the
// accuracy.
func Run(ctx context.Context, program string, fit, eval []string) (took, top1 float64, err error) {
	began := time.Now()
	if _, err := Output(ctx, "", program, append(fit, "--quiet")...); err != nil {
		return 0, 0, err
	}
	printed, err := Output(ctx, "", program, append(eval, "--quiet", "--json")...)
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(began).Seconds()
	var judged struct {
		Top1 float64 `json:"top1"`
	}
	if err := json.Unmarshal([]byte(printed), &judged); err != nil {
		return 0, 0, fmt.Errorf("%s eval printed %q: %w", program, printed, err)
	}
	return took, judged.Top1, nil
}

// Output runs a command in dir and returns what it prints, without the line's end.
func Output(ctx context.Context, dir, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	out, err := c.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(failed.Stderr) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
