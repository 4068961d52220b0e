// Command server shows the guest book and lets visitors sign it.
package main

import (
	"context"
	"errors"
	"flag"
	"html/template"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"example.com/guestbook/internal/guests"
	"example.com/guestbook/internal/version"
)

type app struct {
	book  *guests.Book
	pages *template.Template
}

func main() {
	addr := flag.String("addr", ":9090", "address to listen on")
	db := flag.String("db", "/var/lib/guestbook/guests.db", "the database file")
	templates := flag.String("templates", "templates", "folder of the page templates")
	flag.Parse()
	if err := run(*addr, *db, *templates); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(addr, db, templates string) error {
	pages, err := template.ParseGlob(filepath.Join(templates, "*.html"))
	if err != nil {
		return err
	}
	book, err := guests.Open(db)
	if err != nil {
		return err
	}
	defer book.Close()
	if err := book.Ready(); err != nil {
		return err
	}
	handlers := app{book, pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", handlers.show)
	mux.HandleFunc("POST /{$}", handlers.sign)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok " + version.Version + "\n"))
	})
	return serve(&http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second})
}

func (a app) show(w http.ResponseWriter, _ *http.Request) {
	entries, err := a.book.Latest(50)
	if err != nil {
		http.Error(w, "the guest book cannot be read", http.StatusInternalServerError)
		return
	}
	if err := a.pages.ExecuteTemplate(w, "book.html", entries); err != nil {
		slog.Error("page", "error", err)
	}
}

func (a app) sign(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	name, words := strings.TrimSpace(r.FormValue("name")), strings.TrimSpace(r.FormValue("words"))
	if name == "" || words == "" {
		http.Error(w, "a name and a few words, please", http.StatusUnprocessableEntity)
		return
	}
	if err := a.book.Sign(name, words); err != nil {
		http.Error(w, "the guest book cannot be written", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func serve(server *http.Server) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("listening", "address", server.Addr, "version", version.Version)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(limit); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
