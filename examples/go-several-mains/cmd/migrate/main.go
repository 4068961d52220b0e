// Command migrate brings an old database file to the present layout.
package main

import (
	"flag"
	"fmt"
	"os"

	"example.com/guestbook/internal/guests"
)

func main() {
	db := flag.String("db", "/var/lib/guestbook/guests.db", "the database file")
	flag.Parse()
	book, err := guests.Open(*db)
	if err == nil {
		defer book.Close()
		var moved int
		if moved, err = book.Migrate(); err == nil {
			fmt.Printf("%d entries moved\n", moved)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "migrate:", err)
	os.Exit(1)
}
