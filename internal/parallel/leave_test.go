package parallel

import (
	"context"
	"errors"
	"testing"
)

func TestLeave(t *testing.T) {
	ran := false
	if err := Leave(context.Background(), func() { ran = true }); err != nil || !ran {
		t.Errorf("error %v, done: %v", err, ran)
	}
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan struct{})
	err := Leave(ctx, func() {
		cancel()
		<-end // it does not end before Leave has returned
	})
	close(end)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := Leave(ctx, func() { t.Error("it was begun") }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
