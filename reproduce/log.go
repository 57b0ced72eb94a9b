package reproduce

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// openLog opens the log of a row, which tells of all runs of it.
func (r *runner) openLog(w row) error {
	path := filepath.Join(r.opt.Out, w.name, "log")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	// Not by internal/output: a log is added to, and half of it is worth having.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	r.log = f
	return nil
}

func (r *runner) closeLog() error {
	err := r.log.Close()
	r.log = nil
	return err
}

// say tells the reader something, and the log of the row that is run.
func (r *runner) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if r.opt.Note != nil {
		r.opt.Note(line)
	}
	r.write(line)
}

// write adds a line to the log. A disk that is full stops the work where results
// are written; a line less does not.
func (r *runner) write(line string) {
	if r.log != nil {
		fmt.Fprintf(r.log, "%s %s\n", time.Now().UTC().Format(time.RFC3339), line)
	}
}

// report passes on how far a stage has come, and logs its end.
func (r *runner) report(stage string, done, total int) {
	if r.opt.Progress != nil {
		r.opt.Progress(stage, done, total)
	}
	if stage != r.stage {
		r.stage, r.began = stage, time.Now()
	}
	if done >= total {
		r.write(fmt.Sprintf("%s: %d in %s", stage, total, brief(time.Since(r.began).Seconds())))
		r.stage = ""
	}
}
