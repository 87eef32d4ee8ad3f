// Package queue is a queue.
package queue

import "errors"

// ErrFull is returned by Push.
var ErrFull = errors.New("full")

const (
	small = 8
	large = 1 << 20
)

type Kind int

// Queue holds values.
type Queue[T any] struct {
	values []T // in order
	limit  int
}

type Pusher interface {
	Push(value int) error
}

// New makes an empty queue.
func New[T any](limit int) *Queue[T] { return &Queue[T]{limit: limit} }

// Push appends a value, unless the queue holds as many as it may,
// which is an error that the caller has to handle.
func (q *Queue[T]) Push(value T) error {
	if len(q.values) >= q.limit {
		return ErrFull
	}
	q.values = append(q.values, value)
	return nil
}

func (k Kind) String() string { return "kind" }
