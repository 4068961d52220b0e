// Api tells how high the water stands.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"

	"example.com/harbour/tides"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("GET /height", height)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}

func height(w http.ResponseWriter, r *http.Request) {
	hours, err := strconv.ParseFloat(r.URL.Query().Get("hours"), 64)
	if err != nil {
		http.Error(w, "hours is no number", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]float64{"metres": tides.Height(hours)}); err != nil {
		log.Print(err)
	}
}
