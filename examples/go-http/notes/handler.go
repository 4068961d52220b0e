package notes

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

const largestNote = 64 << 10

// Handler serves a store.
func Handler(store *Store) http.Handler {
	router := chi.NewRouter()
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		notes, err := store.All()
		reply(w, http.StatusOK, notes, err)
	})
	router.Post("/", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Title, Text string }
		body := http.MaxBytesReader(w, r.Body, largestNote)
		if err := json.NewDecoder(body).Decode(&asked); err != nil || strings.TrimSpace(asked.Title) == "" {
			http.Error(w, "a note is JSON with a title and a text", http.StatusUnprocessableEntity)
			return
		}
		note, err := store.Add(asked.Title, asked.Text)
		reply(w, http.StatusCreated, note, err)
	})
	router.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
		note, err := store.Get(chi.URLParam(r, "id"))
		reply(w, http.StatusOK, note, err)
	})
	router.Delete("/{id}", func(w http.ResponseWriter, r *http.Request) {
		err := store.Remove(chi.URLParam(r, "id"))
		reply(w, http.StatusNoContent, nil, err)
	})
	return router
}

func reply(w http.ResponseWriter, status int, value any, err error) {
	switch {
	case errors.Is(err, ErrUnknown):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		slog.Error("request failed", "error", err)
		http.Error(w, "the note could not be read or written", http.StatusInternalServerError)
	case value == nil:
		w.WriteHeader(status)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(value); err != nil {
			slog.Warn("the client left", "error", err)
		}
	}
}
