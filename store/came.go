package store

import (
	"context"
	"time"
)

type cameKey struct{}

// WithCame says when the request came that a context is of: of those who wait for
// a store, the one that came first is served first.
func WithCame(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, cameKey{}, at)
}

// Came is when the request came that a context is of; now where that is not said.
func Came(ctx context.Context) time.Time {
	if at, ok := ctx.Value(cameKey{}).(time.Time); ok {
		return at
	}
	return time.Now()
}
