package parallel

import "context"

// Leave calls work, which looks at no context, and returns when work does, or with ctx's error as soon
// as ctx is done. In that case work goes on by itself: nothing that it writes is to be read, or used
// again.
func Leave(ctx context.Context, work func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
