// Command notes-api keeps short notes as files and serves them over HTTP.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"example.com/notes-api/notes"
)

func main() {
	port := flag.Int("port", 8080, "port to listen on")
	data := flag.String("data", "data", "folder that the notes are kept in")
	grace := flag.Duration("grace", 5*time.Second, "how long open requests may take at shutdown")
	flag.Parse()

	store, err := notes.Open(*data)
	if err != nil {
		slog.Error("cannot open the data folder", "error", err)
		os.Exit(1)
	}
	server := &http.Server{
		Addr:              fmt.Sprintf(":%d", *port),
		Handler:           routes(store),
		ReadHeaderTimeout: 5 * time.Second,
	}
	if err := serve(server, *grace); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func routes(store *notes.Store) http.Handler {
	router := chi.NewRouter()
	router.Use(middleware.RequestID, middleware.Recoverer)
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	router.Mount("/notes", notes.Handler(store))
	return router
}

// serve listens until the process is told to stop, then lets open requests end.
func serve(server *http.Server, grace time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("listening", "address", server.Addr)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
