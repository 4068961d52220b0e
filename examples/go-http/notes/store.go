// Package notes stores notes as one JSON file each and serves them.
package notes

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Note is what a client sees.
type Note struct {
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Text    string    `json:"text"`
	Written time.Time `json:"written"`
}

// ErrUnknown says that there is no note of this id.
var ErrUnknown = errors.New("no such note")

// Store is a folder of notes.
type Store struct {
	folder string
}

// Open makes the folder where it is missing, and puts a first note into an empty one.
func Open(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	store := &Store{folder: folder}
	notes, err := store.All()
	if err == nil && len(notes) == 0 {
		_, err = store.Add("Welcome", "Post a title and a text to /notes.")
	}
	return store, err
}

// Add writes a new note.
func (s *Store) Add(title, text string) (Note, error) {
	note := Note{ID: uuid.NewString(), Title: title, Text: text, Written: time.Now().UTC()}
	encoded, err := json.Marshal(note)
	if err != nil {
		return Note{}, err
	}
	// Renaming is atomic: a reader never sees half a note.
	partial := s.path(note.ID) + ".partial"
	if err := os.WriteFile(partial, encoded, 0o640); err != nil {
		return Note{}, err
	}
	return note, os.Rename(partial, s.path(note.ID))
}

// Get reads one note.
func (s *Store) Get(id string) (Note, error) {
	var note Note
	if uuid.Validate(id) != nil {
		return note, ErrUnknown
	}
	encoded, err := os.ReadFile(s.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return note, ErrUnknown
	}
	if err != nil {
		return note, err
	}
	return note, json.Unmarshal(encoded, &note)
}

// Remove deletes one note.
func (s *Store) Remove(id string) error {
	if _, err := s.Get(id); err != nil {
		return err
	}
	return os.Remove(s.path(id))
}

// All reads every note, the oldest first.
func (s *Store) All() ([]Note, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, err
	}
	notes := []Note{}
	for _, entry := range entries {
		id, isNote := strings.CutSuffix(entry.Name(), ".json")
		if !isNote {
			continue
		}
		note, err := s.Get(id)
		if err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	sort.Slice(notes, func(a, b int) bool { return notes[a].Written.Before(notes[b].Written) })
	return notes, nil
}

func (s *Store) path(id string) string {
	return filepath.Join(s.folder, id+".json")
}
