package server

import (
	"errors"
	"sort"
	"sync"
	"time"
)

// ErrOverlap is returned when a visit would share a berth with another at the same time.
var ErrOverlap = errors.New("two visits at one berth at the same time")

// Visit is the stay of one ship at one berth.
type Visit struct {
	Ship    string
	Berth   string
	Arrives time.Time
	Departs time.Time
	Pinned  bool
}

// Timetable holds all visits by berth. It is safe for use by several goroutines.
type Timetable struct {
	mu     sync.RWMutex
	visits map[string][]Visit
}

// Overlaps reports whether two visits share some time.
func (v Visit) Overlaps(other Visit) bool {
	return v.Arrives.Before(other.Departs) && other.Arrives.Before(v.Departs)
}

// Insert adds a visit, keeping those of a berth sorted by arrival.
func (t *Timetable) Insert(v Visit) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range t.visits[v.Berth] {
		if v.Overlaps(other) {
			return ErrOverlap
		}
	}
	list := append(t.visits[v.Berth], v)
	sort.Slice(list, func(i, j int) bool { return list[i].Arrives.Before(list[j].Arrives) })
	t.visits[v.Berth] = list
	return nil
}

// FreeFrom gives the first moment after `from` at which the berth is empty for `stay`.
func (t *Timetable) FreeFrom(berth string, from time.Time, stay time.Duration) time.Time {
	t.mu.RLock()
	defer t.mu.RUnlock()
	start := from
	for _, v := range t.visits[berth] {
		if start.Add(stay).Before(v.Arrives) {
			break
		}
		if v.Departs.After(start) {
			start = v.Departs
		}
	}
	return start
}
