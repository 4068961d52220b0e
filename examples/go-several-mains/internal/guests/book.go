// Package guests keeps a guest book in a bbolt file.
package guests

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// Entry is one visitor's words.
type Entry struct {
	Name  string    `json:"name"`
	Words string    `json:"words"`
	Time  time.Time `json:"time"`
}

// Entries of the first layout were keyed by name, so that nobody could sign twice.
var (
	byName = []byte("entries")
	byTime = []byte("entries-2")
)

// ErrOld says that the file has the first layout.
var ErrOld = errors.New("the database has an old layout: run migrate")

// Book is an open guest book.
type Book struct{ db *bbolt.DB }

// Open opens the file, and makes it and its folder where they are missing.
func Open(path string) (*Book, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o640, &bbolt.Options{Timeout: 2 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Book{db}, nil
}

// Close closes the file.
func (b *Book) Close() error { return b.db.Close() }

// Ready refuses an old layout, and lays out a new file.
func (b *Book) Ready() error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		if tx.Bucket(byName) != nil {
			return ErrOld
		}
		_, err := tx.CreateBucketIfNotExists(byTime)
		return err
	})
}

// Migrate moves entries of the first layout, and says how many.
func (b *Book) Migrate() (int, error) {
	moved := 0
	err := b.db.Update(func(tx *bbolt.Tx) error {
		target, err := tx.CreateBucketIfNotExists(byTime)
		old := tx.Bucket(byName)
		if err != nil || old == nil {
			return err
		}
		err = old.ForEach(func(name, words []byte) error {
			moved++
			return put(target, Entry{Name: string(name), Words: string(words)})
		})
		if err != nil {
			return err
		}
		return tx.DeleteBucket(byName)
	})
	return moved, err
}

// Sign adds an entry.
func (b *Book) Sign(name, words string) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		return put(tx.Bucket(byTime), Entry{name, words, time.Now().UTC()})
	})
}

// Latest reads so many entries, the newest first.
func (b *Book) Latest(most int) ([]Entry, error) {
	var entries []Entry
	err := b.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(byTime).Cursor()
		for key, value := cursor.Last(); key != nil && len(entries) < most; key, value = cursor.Prev() {
			var entry Entry
			if err := json.Unmarshal(value, &entry); err != nil {
				return err
			}
			entries = append(entries, entry)
		}
		return nil
	})
	return entries, err
}

func put(bucket *bbolt.Bucket, entry Entry) error {
	number, err := bucket.NextSequence()
	if err != nil {
		return err
	}
	value, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	return bucket.Put(binary.BigEndian.AppendUint64(nil, number), value)
}
