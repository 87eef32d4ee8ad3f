package server

import (
	"testing"
	"time"
)

func TestInsertRefusesOverlap(t *testing.T) {
	table := &Timetable{visits: map[string][]Visit{}}
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	first := Visit{Ship: "Anna", Berth: "A1", Arrives: noon, Departs: noon.Add(time.Hour)}
	if err := table.Insert(first); err != nil {
		t.Fatal(err)
	}
	second := Visit{Ship: "Berta", Berth: "A1", Arrives: noon, Departs: noon.Add(2 * time.Hour)}
	if err := table.Insert(second); err != ErrOverlap {
		t.Fatalf("two visits at one berth at the same time: want ErrOverlap, got %v", err)
	}
}

func TestFreeFromSkipsVisits(t *testing.T) {
	table := &Timetable{visits: map[string][]Visit{}}
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	_ = table.Insert(Visit{Ship: "Anna", Berth: "A1", Arrives: noon, Departs: noon.Add(time.Hour)})
	if got := table.FreeFrom("A1", noon, time.Hour); !got.Equal(noon.Add(time.Hour)) {
		t.Fatalf("free from %v", got)
	}
}
