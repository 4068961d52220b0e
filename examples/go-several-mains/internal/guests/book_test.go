package guests

import (
	"errors"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

func open(t *testing.T) *Book {
	t.Helper()
	book, err := Open(filepath.Join(t.TempDir(), "guests.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book
}

func TestTheNewestComesFirst(t *testing.T) {
	book := open(t)
	if err := errors.Join(book.Ready(), book.Sign("Ada", "hello"), book.Sign("Bob", "hi")); err != nil {
		t.Fatal(err)
	}
	if entries, err := book.Latest(1); err != nil || len(entries) != 1 || entries[0].Name != "Bob" {
		t.Fatalf("got %v, %v", entries, err)
	}
}

func TestAnOldFileIsMigratedOnce(t *testing.T) {
	book := open(t)
	err := book.db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(byName)
		if err != nil {
			return err
		}
		return bucket.Put([]byte("Ada"), []byte("hello"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(book.Ready(), ErrOld) {
		t.Fatal("an old file was taken as it is")
	}
	if moved, err := book.Migrate(); moved != 1 || err != nil {
		t.Fatalf("got %d, %v", moved, err)
	}
	if err := book.Ready(); err != nil {
		t.Fatal(err)
	}
}
