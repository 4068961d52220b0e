// Command api keeps the newest reading of each weather station in memory.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"
)

type reading struct {
	Station string  `json:"station"`
	Celsius float64 `json:"celsius"`
}

type board struct {
	mutex  sync.Mutex
	newest map[string]reading
}

func (b *board) put(w http.ResponseWriter, r *http.Request) {
	var one reading
	if err := json.NewDecoder(r.Body).Decode(&one); err != nil || one.Station == "" {
		http.Error(w, "a station and its temperature, please", http.StatusBadRequest)
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.newest[one.Station] = one
	w.WriteHeader(http.StatusNoContent)
}

func (b *board) list(w http.ResponseWriter, _ *http.Request) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	readings := make([]reading, 0, len(b.newest))
	for _, one := range b.newest {
		readings = append(readings, one)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"readings": readings})
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	b := &board{newest: map[string]reading{}}
	http.HandleFunc("GET /readings", b.list)
	http.HandleFunc("POST /readings", b.put)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
