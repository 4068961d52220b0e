package notes

import (
	"errors"
	"testing"
)

func TestNotesOutliveTheStore(t *testing.T) {
	folder := t.TempDir()
	first, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	added, err := first.Add("Milk", "two bottles")
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	found, err := second.Get(added.ID)
	if err != nil || found.Text != "two bottles" {
		t.Fatalf("got %+v, %v", found, err)
	}
	if all, _ := second.All(); len(all) != 2 {
		t.Fatalf("got %d notes, want the first one and the added one", len(all))
	}
}

func TestAnIDIsNoPath(t *testing.T) {
	store, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get("../../etc/passwd"); !errors.Is(err, ErrUnknown) {
		t.Fatalf("got %v", err)
	}
}
