package parallel

import "context"

// Leave calls do, which looks at no context, and returns when it is done, or with
// ctx's error as soon as ctx is. In that case do goes on by itself: nothing that it
// writes is to be read, or used again.
func Leave(ctx context.Context, do func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
