// Command retro is a board for retrospectives: people write cards and vote for them.
package main

import (
	"context"
	"embed"
	"flag"
	"io/fs"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

//go:embed all:web/dist
var dist embed.FS

func main() {
	listen := flag.String("listen", ":8090", "address to listen on")
	flag.Parse()

	site, err := fs.Sub(dist, "web/dist")
	if err != nil {
		log.Fatal(err)
	}
	board := NewBoard("What went well?", "What shall we try next?")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/cards", board.list)
	mux.HandleFunc("POST /api/cards", board.add)
	mux.HandleFunc("POST /api/cards/{id}/votes", board.vote)
	mux.Handle("GET /", http.FileServerFS(site))

	server := &http.Server{Addr: *listen, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(limit)
	}()
	log.Printf("the board is at %s", *listen)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
